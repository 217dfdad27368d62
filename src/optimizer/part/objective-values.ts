import type { RowResult } from '../../evaluation/evaluation.ts';
import { takenByCandidate } from '../../evaluation/objectives.ts';
import type { Objective } from '../optimizer.ts';

/** What one row is worth by an objective; undefined when it is not known. Judges are no part of cost and latency. */
export function objectiveOf(result: RowResult, name: string): number | undefined {
  const { outcome } = result;
  if (outcome.status === 'infrastructure-error') return undefined;
  switch (name) {
    case 'score':
      return 'value' in outcome ? outcome.value : undefined;
    case 'cost':
      return takenByCandidate(result).costUsd;
    case 'latency':
      return takenByCandidate(result).latencyMs;
    case 'tokens':
      return takenByCandidate(result).tokens;
    default:
      return outcome.status === 'scored' ? outcome.objectives?.[name] : undefined;
  }
}

/** Names of what every row has beside its score, known or not. */
export const takenObjectives = ['cost', 'latency', 'tokens'] as const;

/** Standard errors that a mean must keep from its limit: 95 %, one-sided. */
const errorsFromBound = 1.645;

/** A limit that a candidate does not keep, as far as its rows tell. */
export interface BrokenBound {
  readonly objective: Objective;
  /** Mean over the rows; undefined when a row has no value. */
  readonly mean: number | undefined;
}

/**
 * The limits that a candidate does not keep: its mean with 1.645 standard errors towards the limit lies beyond it,
 * or nothing is known of it.
 */
export function brokenBounds(
  results: readonly RowResult[],
  objectives: readonly Objective[],
): readonly BrokenBound[] {
  const answered = results.filter(({ outcome }) => outcome.status !== 'infrastructure-error');
  return objectives.flatMap((objective): readonly BrokenBound[] => {
    const { name, direction, bound } = objective;
    if (bound === undefined) return [];
    const values = answered.flatMap((result) => objectiveOf(result, name) ?? []);
    const isTaken = (takenObjectives as readonly string[]).includes(name);
    if (values.length === 0 || (isTaken && values.length < answered.length)) {
      return [{ objective, mean: undefined }];
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const error = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1) / values.length);
    const isKept =
      direction === 'minimize'
        ? mean + errorsFromBound * error <= bound
        : mean - errorsFromBound * error >= bound;
    return isKept ? [] : [{ objective, mean }];
  });
}
