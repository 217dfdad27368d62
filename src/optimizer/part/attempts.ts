import type { CandidateEvaluation } from '../optimizer.ts';
import { type TextTarget, textOf } from './text-parameters.ts';

/** The texts of a target with the best score that each reached, 0 to 100, from worst to best. */
export function attemptsOf(tried: readonly CandidateEvaluation[], target: TextTarget) {
  const scores = new Map<string, number>();
  for (const { candidate, mean } of tried) {
    if (mean === undefined) continue;
    const text = textOf(candidate, target);
    scores.set(text, Math.max(mean, scores.get(text) ?? 0));
  }
  return [...scores]
    .sort(([, a], [, b]) => a - b)
    .map(([text, mean]) => ({ text, score: Math.round(100 * mean) }));
}
