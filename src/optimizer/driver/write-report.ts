import type { UsageSummary } from '../../evaluation/evaluation.ts';
import { hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import type { OptimizeOptions } from './optimize-options.ts';
import { fewestRowsForHeldOut, type RunPlan } from './plan-run.ts';
import type { Proof } from './prove.ts';
import type { OptimizationReport, Verdict } from './report.ts';
import type { SearchResult } from './search.ts';
import type { Session } from './session.ts';

export interface ReportParts<Inputs, Outputs> {
  readonly options: OptimizeOptions<Inputs, Outputs>;
  readonly session: Session;
  readonly plan: RunPlan;
  readonly found: SearchResult;
  readonly winner: CandidateEvaluation;
  readonly proof: Proof | undefined;
  readonly usage: UsageSummary;
}

/** Puts together what is known at the end of a run. */
export function writeReport<Inputs, Outputs>(parts: ReportParts<Inputs, Outputs>): OptimizationReport {
  const { options, session, plan, found, winner, proof, usage } = parts;
  const { program, optimizer, model, randomSeed = 1 } = options;
  const { train, validation, test } = plan.split;
  const verdict: Verdict = proof?.sealedTest.verdict ?? 'too-few-rows';
  const seed = { hash: hashCandidate(program.seed), candidate: program.seed };
  const best = { hash: winner.hash, candidate: winner.candidate };
  return {
    schemaVersion: 1,
    runId: session.runId,
    name: options.name ?? program.shape.name,
    optimizer: { name: optimizer.name, version: optimizer.version, options: optimizer.options },
    model: model.id,
    randomSeed,
    rows: {
      train: train.length,
      validation: validation.length,
      test: plan.method === 'held-out' ? test.length : plan.proofRows,
    },
    sealedTest: proof?.sealedTest,
    verdict,
    ...(verdict === 'too-few-rows' && { rowsNeeded: fewestRowsForHeldOut }),
    validation: { seed: found.baseline.mean, winner: winner.mean, rows: validation.length },
    seed,
    candidate: verdict === 'improved' ? best : seed,
    best,
    stopReason: found.stopReason,
    candidates: found.candidates,
    curve: found.curve,
    fixed: proof?.fixed ?? [],
    broken: proof?.broken ?? [],
    notices: plan.notices,
    usage,
  };
}
