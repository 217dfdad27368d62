import type { Scored } from './ledger.ts';

/** Rows that both must have a score for, before one is given up for the other. */
const leastRows = 8;
/** Standard errors of the paired difference: far beyond what the best of several looks worse by. */
const farBelow = 3;

/**
 * Those that may yet turn out to be better than the leader, in their order. One that is three standard errors of the
 * paired difference below it on eight rows or more is not worth the rows of validation that it was not scored on.
 */
export function withinReach(ranking: readonly Scored[], leader: Scored | undefined): readonly Scored[] {
  return leader === undefined ? ranking : ranking.filter((scored) => !isOutOfReach(scored, leader));
}

function isOutOfReach({ scores }: Scored, leader: Scored): boolean {
  const differences = [...scores].flatMap(([row, value]) => {
    const other = leader.scores.get(row);
    return value === undefined || other === undefined ? [] : [value - other];
  });
  if (differences.length < leastRows) return false;
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (differences.length - 1) / differences.length);
  return mean < -farBelow * standardError;
}
