import type { Example } from '../dataset/dataset.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationEvent, RacePlan, RaceResult } from './optimizer.ts';

export interface RaceSetting {
  evaluate(candidate: Candidate, examples: readonly Example[]): Promise<CandidateEvaluation>;
  emit(event: OptimizationEvent): void;
}

/**
 * Successive halving on nested prefixes of one row order: every candidate is scored on the first rung, the
 * better 1 / eta goes on to the next. All comparisons are paired, and no row is answered twice. Ties keep
 * the earlier candidate.
 *
 * @see Jamieson & Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization".
 *   https://arxiv.org/abs/1502.07943
 */
export async function race(
  candidates: readonly Candidate[],
  plan: RacePlan,
  setting: RaceSetting,
): Promise<RaceResult> {
  const { examples, eta = 2, keep = 1, rank = ({ mean }) => mean } = plan;
  const rungs = plan.rungs.map((rung) => Math.min(rung, examples.length));
  let running = [...candidates];
  let ranked: CandidateEvaluation[] = [];
  const eliminated: CandidateEvaluation[] = [];
  for (const [index, rung] of rungs.entries()) {
    const rows = examples.slice(0, rung);
    const evaluations = await Promise.all(running.map((candidate) => setting.evaluate(candidate, rows)));
    ranked = evaluations
      .map((evaluation) => ({ evaluation, value: rank(evaluation) }))
      .sort((a, b) => b.value - a.value)
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
