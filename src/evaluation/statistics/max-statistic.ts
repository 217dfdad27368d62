import type { Random } from '../../base/random.ts';

export interface MaxStatisticOptions {
  readonly random: Random;
  /** Random flips where there are more than 2¹⁶. @default 10_000 */
  readonly resamples?: number | undefined;
}

/** Most rows whose flips are all counted. */
const mostExact = 16;

/**
 * Westfall–Young correction for many candidates against one baseline: signs are flipped row by row for all candidates
 * together, and each candidate's p is the share of flips in which the best of all does at least as well. It loses less
 * than Holm where candidates are alike, because they then win by the same chance.
 *
 * @param candidates For each candidate its paired differences, row by row in the same order.
 * @returns One-sided p-values of "this candidate is better", in their order.
 * @see Westfall and Young 1993, "Resampling-Based Multiple Testing", algorithm 2.8 (single step).
 */
export function maxStatisticPValues(
  candidates: readonly (readonly number[])[],
  { random, resamples = 10_000 }: MaxStatisticOptions,
): readonly number[] {
  const rows = Math.max(0, ...candidates.map((differences) => differences.length));
  if (rows === 0) return candidates.map(() => 1);
  const observed = candidates.map((differences) => differences.reduce((sum, value) => sum + value, 0));
  const slack = 1e-12 * rows;
  const isExact = rows <= mostExact;
  const flips = isExact ? 2 ** rows : resamples;
  const reached: number[] = candidates.map(() => (isExact ? 0 : 1));
  const signs = new Int8Array(rows);
  for (let flip = 0; flip < flips; flip += 1) {
    for (let row = 0; row < rows; row += 1) {
      signs[row] = (isExact ? (flip >> row) & 1 : random.integer(2)) === 1 ? -1 : 1;
    }
    let highest = Number.NEGATIVE_INFINITY;
    for (const differences of candidates) {
      let sum = 0;
      for (const [row, value] of differences.entries()) sum += (signs[row] ?? 1) * value;
      highest = Math.max(highest, sum);
    }
    for (const [index, sum] of observed.entries())
      if (highest >= sum - slack) reached[index] = (reached[index] ?? 0) + 1;
  }
  return reached.map((count) => count / (isExact ? flips : flips + 1));
}
