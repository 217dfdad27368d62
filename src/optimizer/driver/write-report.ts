import { hashCandidate } from '../../prompt/candidate.ts';
import type { Objective, Optimizer } from '../optimizer.ts';
import { kneeOf } from '../part/pareto-front.ts';
import type { Confirmed } from './confirm.ts';
import type { FittedPlan } from './fit-plan.ts';
import type { OptimizeOptions } from './optimize-options.ts';
import { fewestForHeldOut } from './plan-rows.ts';
import type { Proof } from './prove.ts';
import type { FrontRecord, OptimizationReport, PreferenceTest, RunUsage, Verdict } from './report.ts';
import type { SearchResult } from './search.ts';
import type { Session } from './session.ts';

export interface ReportParts<Inputs, Outputs> {
  readonly options: OptimizeOptions<Inputs, Outputs>;
  readonly session: Session;
  readonly optimizer: Optimizer;
  readonly plan: FittedPlan;
  readonly found: SearchResult;
  readonly confirmed: Confirmed;
  readonly proof: Proof | undefined;
  readonly preferenceTest?: PreferenceTest | undefined;
  readonly objectives: readonly Objective[];
  readonly front: readonly FrontRecord[];
  readonly usage: RunUsage;
  /** What servers made known on the way. */
  readonly notices: readonly string[];
}

/** Puts together what is known at the end of a run. */
export function writeReport<Inputs, Outputs>(parts: ReportParts<Inputs, Outputs>): OptimizationReport {
  const { options, optimizer, session, plan, found, confirmed, proof, objectives, usage } = parts;
  const { winner, baseline } = confirmed;
  const { program, model, randomSeed = 1 } = options;
  const { train, validation, test } = plan.split;
  const { preferenceTest } = parts;
  const verdict = proof?.sealedTest.verdict ?? preferenceTest?.verdict ?? unproven(parts);
  const isShown = verdict === 'improved' || verdict === 'preferred';
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
    testPlan: {
      method: plan.method,
      clusters: plan.testClusters,
      smallestDifference: plan.smallestDifference,
    },
    sealedTest: proof?.sealedTest,
    ...(preferenceTest !== undefined && { preferenceTest }),
    verdict,
    ...(verdict === 'too-few-rows' && { rowsNeeded: fewestForHeldOut }),
    validation: { seed: baseline.mean, winner: winner.mean, rows: validation.length },
    objectives,
    ...(objectives.length > 1 && {
      front: parts.front,
      knee: kneeOf(parts.front, objectives)?.hash,
    }),
    seed,
    candidate: isShown ? best : seed,
    best,
    stopReason: found.stopReason,
    candidates: found.ledger.candidates(),
    curve: found.ledger.curve,
    fixed: proof?.fixed ?? [],
    broken: proof?.broken ?? [],
    // What several phases found to say is told once.
    notices: [
      ...new Set([
        ...session.events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])),
        ...parts.notices,
      ]),
    ],
    usage,
  };
}

/** Without a test: there was nothing to improve, the budget did not hold it, or there are too few rows. */
function unproven<Inputs, Outputs>({ found, plan, confirmed }: ReportParts<Inputs, Outputs>): Verdict {
  if (found.stopReason === 'saturated') return 'no-reliable-improvement';
  // A test that was begun and that a limit ended is no lack of rows.
  const isShort = plan.unaffordable !== undefined || !confirmed.isAffordable || plan.method === 'held-out';
  return isShort ? 'incomplete' : 'too-few-rows';
}
