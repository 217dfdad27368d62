import type { Example } from '../../dataset/dataset.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, RacePlan, RaceResult, RunEvent } from '../optimizer.ts';
import { onSharedRows } from '../part/shared-rows.ts';

export interface RaceSetting {
  evaluate(candidate: Candidate, examples: readonly Example[]): Promise<CandidateEvaluation>;
  emit(event: RunEvent): void;
}

/**
 * Successive halving on nested prefixes of one row order: every candidate is scored on the first rung, the
 * better 1 / eta goes on to the next. All comparisons are paired: a row that the infrastructure lost for one
 * counts for none; a candidate that lost more than half of them is ranked last, and takes no rows from the
 * others. No row is answered twice. Ties keep the earlier candidate.
 *
 * @see Jamieson & Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization".
 *   https://arxiv.org/abs/1502.07943
 */
export async function race(
  candidates: readonly Candidate[],
  plan: RacePlan,
  setting: RaceSetting,
): Promise<RaceResult> {
  const { examples, eta = 2, keep = 1, rank = meanOf } = plan;
  const rungs = plan.rungs.map((rung) => Math.min(rung, examples.length));
  let running = [...candidates];
  let ranked: CandidateEvaluation[] = [];
  const eliminated: CandidateEvaluation[] = [];
  for (const [index, rung] of rungs.entries()) {
    const rows = examples.slice(0, rung);
    const evaluations = await Promise.all(running.map((candidate) => setting.evaluate(candidate, rows)));
    const paired = onSharedRows(evaluations);
    ranked = evaluations
      .map((evaluation, place) => {
        const shared = paired[place];
        return { evaluation, value: shared === undefined ? Number.NEGATIVE_INFINITY : rank(shared) };
      })
      .sort((a, b) => compare(b.value, a.value))
      .map(({ evaluation }) => evaluation);
    if (index === rungs.length - 1) break;
    const kept = Math.max(keep, Math.ceil(ranked.length / eta));
    for (const { hash, mean, results } of ranked.slice(kept)) {
      setting.emit({ type: 'candidate-eliminated', candidate: hash, mean, rows: results.length });
    }
    eliminated.unshift(...ranked.slice(kept));
    running = ranked.slice(0, kept).map(({ candidate }) => candidate);
  }
  return { finalists: ranked, ranking: [...ranked, ...eliminated] };
}

/** Two infinities are equal, which their difference does not say. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function meanOf({ mean = Number.NEGATIVE_INFINITY }: CandidateEvaluation): number {
  return mean;
}
