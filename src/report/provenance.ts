import type { JsonObject } from '../base/json.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { type Candidate, hashCandidate } from '../prompt/candidate.ts';

/** Where a candidate of a run comes from, to stand beside it in its file. */
export function provenanceOf(report: OptimizationReport, candidate: Candidate): JsonObject {
  const { runId, name, optimizer, model, verdict, rows, randomSeed, validation } = report;
  const hash = hashCandidate(candidate);
  return {
    run: runId,
    task: name,
    is: hash === report.seed.hash ? 'the seed' : 'the best that the search found',
    verdict,
    model,
    optimizer: optimizer.name,
    options: optimizer.options,
    randomSeed,
    rows: { ...rows },
    validation: {
      ...(validation.seed !== undefined && { seed: validation.seed }),
      ...(validation.winner !== undefined && { winner: validation.winner }),
    },
  };
}
