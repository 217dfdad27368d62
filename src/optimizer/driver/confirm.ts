import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationEvent } from '../optimizer.ts';
import { confirmedCandidates } from './budget.ts';
import type { Evaluator } from './evaluator.ts';
import type { SearchResult } from './search.ts';

export interface ConfirmSetting {
  readonly validation: readonly Example[];
  readonly evaluator: Evaluator;
  emit(event: OptimizationEvent): void;
}

/**
 * Scores the three best candidates, the optimizer's own choice among them, on all of validation and picks
 * one. The optimizer's choice stands unless another is better by more than one standard error of their paired
 * difference: the highest of several noisy means is not the best candidate.
 */
export async function confirm(
  found: SearchResult,
  { validation, evaluator, emit }: ConfirmSetting,
): Promise<CandidateEvaluation> {
  emit({ type: 'phase-started', phase: 'confirmation' });
  const contenders = contendersOf(found);
  const confirmed = await Promise.all(
    contenders.map((candidate) => evaluator.evaluate(candidate, validation, 'proof')),
  );
  emit({
    type: 'confirmation',
    candidates: confirmed.map(({ hash, mean }) => ({ candidate: hash, mean })),
    rows: validation.length,
  });
  const [chosen, ...others] = confirmed;
  if (chosen === undefined) throw new TypeError('There is always the seed to confirm.');
  return others.reduce((standing, other) => (isClearlyBetter(other, standing) ? other : standing), chosen);
}

function contendersOf({ chosen, leaderboard, baseline }: SearchResult): readonly Candidate[] {
  const byHash = new Map([[hashCandidate(chosen), chosen]]);
  for (const { candidate, hash } of leaderboard) {
    if (byHash.size < confirmedCandidates) byHash.set(hash, candidate);
  }
  byHash.set(baseline.hash, baseline.candidate);
  return [...byHash.values()];
}

function isClearlyBetter(other: CandidateEvaluation, standing: CandidateEvaluation): boolean {
  const differences = pairedValues(standing, other).map(([before, after]) => after - before);
  if (differences.length < 2) return other.mean > standing.mean;
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const variance =
    differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (differences.length - 1);
  return mean > Math.sqrt(variance / differences.length);
}

/** The values of the rows that both have one for, in order. */
export function pairedValues(
  a: CandidateEvaluation,
  b: CandidateEvaluation,
): readonly (readonly [number, number])[] {
  return a.results.flatMap(({ outcome }, index) => {
    const other = b.results[index]?.outcome;
    if (!('value' in outcome) || other === undefined || !('value' in other)) return [];
    return [[outcome.value, other.value] as const];
  });
}
