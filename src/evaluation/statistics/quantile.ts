import { requireSample, type Values } from './sample.ts';

/**
 * Quantile of values in ascending order, linear between neighbours (type 7).
 *
 * @param p 0 (the smallest) to 1 (the largest).
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no value.
 * @see Hyndman and Fan 1996, "Sample Quantiles in Statistical Packages", definition 7.
 */
export function quantileOfSorted(sorted: Values, p: number): number {
  requireSample('quantile', sorted.length);
  const position = Math.min(1, Math.max(0, p)) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (position - below) * (high - low);
}
