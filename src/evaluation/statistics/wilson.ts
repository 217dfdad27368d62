import { normalQuantile } from '../../base/distributions.ts';
import { type ConfidenceOptions, defaultConfidence, type Interval, requireSample } from './sample.ts';

/** So many of so many. */
export interface Proportion {
  /** 0 to `rows`; need not be whole. */
  readonly successes: number;
  readonly rows: number;
}

/**
 * Wilson's score interval of a proportion: keeps its coverage at few rows and near 0 and 1.
 *
 * @returns Bounds from 0 to 1.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when `rows` is 0.
 * @see Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
 */
export function wilsonInterval(
  { successes, rows }: Proportion,
  { confidence = defaultConfidence }: ConfidenceOptions = {},
): Interval {
  requireSample('Wilson interval', rows);
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const share = successes / rows;
  const shrink = 1 + z ** 2 / rows;
  const centre = (share + z ** 2 / (2 * rows)) / shrink;
  const half = (z * Math.sqrt((share * (1 - share)) / rows + z ** 2 / (4 * rows ** 2))) / shrink;
  // At the ends the formula gives the end itself, up to rounding.
  return [
    successes === 0 ? 0 : Math.max(0, centre - half),
    successes === rows ? 1 : Math.min(1, centre + half),
  ];
}
