import { type Candidate, type DemoSet, parameterName, parameterOf } from '../prompt/candidate.ts';
import type { CallCount, StepShape } from './program.ts';

/**
 * The model calls of one run of one step: one for each demo set, and for a channel one for each answer. A set
 * whose answer is read as text may be asked twice. A model that scores no choices makes fewer for a channel.
 */
export function callsOfStep({ name, choice }: StepShape, candidate: Candidate): CallCount {
  const format = parameterOf(candidate, parameterName(name, 'format'), 'choice')?.value;
  const sets = parameterOf(candidate, parameterName(name, 'demos'), 'demos')?.sets ?? [];
  const perSet = ({ format: own, verbalizer }: Pick<DemoSet, 'format' | 'verbalizer'>) =>
    (own ?? format) === 'channel' && verbalizer === undefined ? (choice?.choices.length ?? 1) : 1;
  const counts = sets.length === 0 ? [perSet({})] : sets.map(perSet);
  return {
    typical: counts.reduce((sum, count) => sum + count, 0),
    most: counts.reduce((sum, count) => sum + Math.max(2, count), 0),
  };
}

/** The calls of several programs, one after another. */
export function sumCalls(counts: readonly CallCount[]): CallCount {
  return {
    typical: counts.reduce((sum, { typical }) => sum + typical, 0),
    most: counts.reduce((sum, { most }) => sum + most, 0),
  };
}

/** The calls of a program that is run so many times. */
export function timesCalls({ typical, most }: CallCount, count: number): CallCount {
  return { typical: typical * count, most: most * count };
}

/** The calls of the one of several programs that asks most: which of them runs is not known before. */
export function largestCalls(counts: readonly CallCount[]): CallCount {
  return {
    typical: counts.reduce((most, { typical }) => Math.max(most, typical), 0),
    most: counts.reduce((largest, { most }) => Math.max(largest, most), 0),
  };
}
