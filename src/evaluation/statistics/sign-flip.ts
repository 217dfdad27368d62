import type { Random } from '../../base/random.ts';
import { requireSample, type Values } from './sample.ts';

export interface SignFlipResult {
  /** Two-sided. */
  readonly pValue: number;
  /** Of "the mean difference is above 0". */
  readonly oneSided: number;
  /** Whether every flip was counted; else `resamples` random ones. */
  readonly exact: boolean;
}

export interface SignFlipOptions {
  readonly random: Random;
  /** Random flips when there are too many to count. @default 10_000 */
  readonly resamples?: number | undefined;
}

/** Most non-zero differences whose 2ⁿ flips are all counted. */
const mostExact = 16;

/**
 * Sign-flip permutation test of a mean paired difference: how often random signs give one as far from 0.
 * Exact up to 16 non-zero differences; beyond, (1 + hits) / (1 + resamples).
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no difference.
 * @see Fisher 1935, "The Design of Experiments", §21; Phipson and Smyth 2010 for the added 1.
 * https://doi.org/10.2202/1544-6115.1585
 */
export function signFlipTest(
  differences: Values,
  { random, resamples = 10_000 }: SignFlipOptions,
): SignFlipResult {
  requireSample('sign-flip test', differences.length);
  // A zero stays zero under any sign.
  const values = Float64Array.from(differences).filter((value) => value !== 0);
  if (values.length === 0) return { pValue: 1, oneSided: 1, exact: true };
  const exact = values.length <= mostExact;
  const sums = exact ? everyFlip(values) : randomFlips(values, random, resamples);
  const observed = values.reduce((sum, value) => sum + value, 0);
  // Equal sums differ by rounding when added in other signs.
  const slack = 1e-12 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  let farther = 0;
  let higher = 0;
  for (const sum of sums) {
    if (Math.abs(sum) >= Math.abs(observed) - slack) farther += 1;
    if (sum >= observed - slack) higher += 1;
  }
  const added = exact ? 0 : 1;
  const share = (hits: number) => (hits + added) / (sums.length + added);
  return { pValue: share(farther), oneSided: share(higher), exact };
}

function everyFlip(values: Float64Array): Float64Array {
  const sums = new Float64Array(2 ** values.length);
  let filled = 1;
  for (const value of values) {
    for (let index = 0; index < filled; index += 1) {
      const sum = sums[index] ?? 0;
      sums[filled + index] = sum - value;
      sums[index] = sum + value;
    }
    filled *= 2;
  }
  return sums;
}

function randomFlips(values: Float64Array, random: Random, resamples: number): Float64Array {
  const sums = new Float64Array(resamples);
  for (let index = 0; index < resamples; index += 1) {
    let sum = 0;
    let bits = 0;
    for (let position = 0; position < values.length; position += 1) {
      // One draw serves 30 signs.
      bits = position % 30 === 0 ? random.integer(2 ** 30) : bits >>> 1;
      const value = values[position] ?? 0;
      sum += (bits & 1) === 1 ? value : -value;
    }
    sums[index] = sum;
  }
  return sums;
}
