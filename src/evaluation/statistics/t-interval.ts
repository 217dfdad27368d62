import { studentTQuantile } from '../../base/distributions.ts';
import { type ConfidenceOptions, defaultConfidence, type Interval, requireSample } from './sample.ts';

/** What is known of a sample without its values. */
export interface SampleMoments {
  readonly rows: number;
  readonly mean: number;
  /** With n − 1 in the denominator. */
  readonly standardDeviation: number;
}

/**
 * Student's interval of a mean; for 30 rows and more, the bootstrap serves fewer better.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there are fewer than two rows.
 * @see Student 1908, "The Probable Error of a Mean".
 */
export function tInterval(
  { rows, mean, standardDeviation }: SampleMoments,
  { confidence = defaultConfidence }: ConfidenceOptions = {},
): Interval {
  requireSample('t interval', rows, 2);
  const t = studentTQuantile(1 - (1 - confidence) / 2, rows - 1);
  const half = (t * standardDeviation) / Math.sqrt(rows);
  return [mean - half, mean + half];
}
