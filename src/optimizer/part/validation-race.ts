import type { Candidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationContext } from '../optimizer.ts';
import { pairedDifference } from './paired-difference.ts';
import { nestedRungs, rowsOfRace } from './rungs.ts';

/** Two sums of the same numbers in another order differ by less. */
const rounding = 1e-9;

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

/**
 * Whether the first of them is better than what stands, on the rows that both have a score for and with the rows that
 * it lost at 0: neither a tie nor a row that an outage took makes it better.
 */
export function isBetter(
  contender: CandidateEvaluation | undefined,
  standing: CandidateEvaluation,
): contender is CandidateEvaluation {
  if (contender?.mean === undefined) return false;
  if (standing.scored === 0) return contender.mean > 0;
  return pairedDifference(standing, contender).meanWithLost > rounding;
}
