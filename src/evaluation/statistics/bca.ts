import { normalCdf, normalQuantile, studentTQuantile } from '../../base/distributions.ts';
import type { Random } from '../../base/random.ts';
import { mean } from './mean.ts';
import { quantileOfSorted } from './quantile.ts';
import {
  type ConfidenceOptions,
  defaultConfidence,
  type Interval,
  requireSample,
  type Values,
} from './sample.ts';

export interface BcaOptions extends ConfidenceOptions {
  readonly random: Random;
  /** Bootstrap samples. @default 2_000 */
  readonly resamples?: number | undefined;
  /** Whether the interval follows the skewness that was seen; else it is corrected for bias alone. @default true */
  readonly accelerated?: boolean | undefined;
  /**
   * How many values carry the spread: the tails are widened as Student's quantile of so many is wider than the normal
   * one, which the bootstrap by itself is not. @default not widened
   */
  readonly carriers?: number | undefined;
}

export interface BootstrapInterval {
  readonly interval: Interval;
  /** `percentile` where the correction has no value: all values equal, or every resample on one side. */
  readonly method: 'bca' | 'percentile';
}

/**
 * Bias-corrected and accelerated bootstrap interval of a mean.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no value.
 * @see Efron 1987, "Better Bootstrap Confidence Intervals". https://doi.org/10.1080/01621459.1987.10478410
 */
export function bcaInterval(
  values: Values,
  { random, resamples = 2_000, confidence = defaultConfidence, accelerated = true, carriers }: BcaOptions,
): BootstrapInterval {
  requireSample('bootstrap interval', values.length);
  const rows = values.length;
  const drawRow = rowDrawer(rows, random);
  const resampled = new Float64Array(resamples);
  for (let draw = 0; draw < resamples; draw += 1) {
    let sum = 0;
    for (let row = 0; row < rows; row += 1) sum += values[drawRow()] ?? 0;
    resampled[draw] = sum / rows;
  }
  return bcaFromResamples({ values, resampled, confidence: expanded(confidence, carriers), accelerated });
}

/**
 * The confidence at which a bootstrap interval of few values covers what is asked for.
 *
 * @see Hesterberg 2015, "What Teachers Should Know About the Bootstrap", §4.2 (expanded percentile).
 *   https://doi.org/10.1080/00031305.2015.1089789
 */
function expanded(confidence: number, carriers: number | undefined): number {
  if (carriers === undefined || carriers < 3) return confidence;
  const tail = (1 - confidence) / 2;
  const wide = Math.sqrt(carriers / (carriers - 1)) * studentTQuantile(1 - tail, carriers - 1);
  return 1 - 2 * normalCdf(-wide);
}

/** Uniform row numbers. One draw below `rows`ᵏ holds k of them as its digits, which saves most of the time. */
function rowDrawer(rows: number, random: Random): () => number {
  const digits = rows === 1 ? 1 : Math.max(1, Math.floor(30 / Math.log2(rows)));
  const bound = rows ** digits;
  let left = 0;
  let packed = 0;
  return () => {
    if (left === 0) {
      packed = random.integer(bound);
      left = digits;
    }
    left -= 1;
    const rest = (packed / rows) | 0;
    const row = packed - rest * rows;
    packed = rest;
    return row;
  };
}

/** The interval from means of resamples that were drawn elsewhere. */
export function bcaFromResamples({
  values,
  resampled,
  confidence = defaultConfidence,
  accelerated = true,
}: {
  readonly values: Values;
  readonly resampled: Values;
  readonly confidence?: number | undefined;
  readonly accelerated?: boolean | undefined;
}): BootstrapInterval {
  const sorted = Float64Array.from(resampled).sort();
  const tail = (1 - confidence) / 2;
  const bias = biasCorrection(sorted, mean(values));
  const skewness = accelerationOf(values);
  if (!Number.isFinite(bias) || skewness === undefined) {
    return {
      interval: [quantileOfSorted(sorted, tail), quantileOfSorted(sorted, 1 - tail)],
      method: 'percentile',
    };
  }
  const acceleration = accelerated ? skewness : 0;
  const level = (p: number) => {
    const shifted = bias + normalQuantile(p);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
  return {
    interval: [quantileOfSorted(sorted, level(tail)), quantileOfSorted(sorted, level(1 - tail))],
    method: 'bca',
  };
}

/** z₀: where the estimate lies among its resamples, those equal to it counted half. */
export function biasCorrection(resampled: Values, estimate: number): number {
  requireSample('bootstrap interval', resampled.length);
  // Equal means differ by rounding when their terms are added in another order.
  const slack = 1e-12 * Math.max(1, Math.abs(estimate));
  let below = 0;
  for (let index = 0; index < resampled.length; index += 1) {
    const distance = (resampled[index] ?? 0) - estimate;
    if (Math.abs(distance) <= slack) below += 0.5;
    else if (distance < 0) below += 1;
  }
  return normalQuantile(below / resampled.length);
}

/** a, from the jackknife: how the spread changes with the mean. Undefined when all values are equal. */
export function accelerationOf(values: Values): number | undefined {
  const rows = values.length;
  if (rows < 2) return undefined;
  const centre = mean(values);
  let squares = 0;
  let cubes = 0;
  for (let row = 0; row < rows; row += 1) {
    // Leaving value x out moves the mean by (mean − x) / (n − 1); d is that with the opposite sign.
    const d = ((values[row] ?? 0) - centre) / (rows - 1);
    squares += d ** 2;
    cubes += d ** 3;
  }
  return squares <= Number.EPSILON ** 2 ? undefined : cubes / (6 * squares ** 1.5);
}
