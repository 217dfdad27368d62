import type { Candidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationContext } from '../optimizer.ts';
import { nestedRungs, rowsOfRace } from './rungs.ts';

export interface ValidationRaceOptions {
  /** Names the order of the rows: another label, another order. */
  readonly label: string;
  /** Candidates that are scored on all rows. @default 1 */
  readonly keep?: number | undefined;
}

/** The best candidates, best first, after a race over validation in random order. */
export async function raceOnValidation(
  { race, random, validation }: OptimizationContext,
  candidates: readonly Candidate[],
  { label, keep = 1 }: ValidationRaceOptions,
): Promise<readonly CandidateEvaluation[]> {
  if (candidates.length === 0) return [];
  const { finalists } = await race(candidates, {
    examples: random.fork(`order/${label}`).shuffle(validation),
    rungs: nestedRungs(validation.length),
    keep,
  });
  return finalists;
}

/** Most row evaluations of such a race. */
export function rowsOfValidationRace(
  candidates: number,
  { validation, keep = 1 }: { readonly validation: number; readonly keep?: number | undefined },
): number {
  return rowsOfRace(candidates, { rungs: nestedRungs(validation), keep });
}

/** Whether the first of them is better than what stands; a tie is not. */
export function isBetter(
  contender: CandidateEvaluation | undefined,
  standing: CandidateEvaluation,
): contender is CandidateEvaluation {
  return contender?.mean !== undefined && contender.mean > (standing.mean ?? 0);
}
