import { type Candidate, parameterOf } from '../prompt/candidate.ts';
import type { ProgramShape } from './program.ts';

/**
 * The model calls of one run of the program: one for each step and demo set, and for a channel one for each
 * answer. A model that scores no choices makes fewer for a channel.
 */
export function callsPerRow(program: ProgramShape, candidate: Candidate): number {
  const calls = program.predictors.map(({ name, choice }) => {
    const format = parameterOf(candidate, `${name}.format`, 'choice')?.value;
    const sets = parameterOf(candidate, `${name}.demos`, 'demos')?.sets ?? [];
    const perSet = (own: string | undefined) =>
      (own ?? format) === 'channel' ? (choice?.choices.length ?? 1) : 1;
    return sets.length === 0 ? perSet(undefined) : sets.reduce((sum, set) => sum + perSet(set.format), 0);
  });
  return calls.reduce((sum, count) => sum + count, 0);
}
