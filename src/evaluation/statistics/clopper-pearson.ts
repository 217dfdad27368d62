import { betaQuantile } from '../../base/distributions.ts';
import { type ConfidenceOptions, defaultConfidence, type Interval, requireSample } from './sample.ts';
import type { Proportion } from './wilson.ts';

/**
 * Exact interval of a proportion, never below its confidence: for claims of safety. `successes` is whole.
 *
 * @returns Bounds from 0 to 1.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when `rows` is 0.
 * @see Clopper and Pearson 1934, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial".
 */
export function clopperPearsonInterval(
  { successes, rows }: Proportion,
  { confidence = defaultConfidence }: ConfidenceOptions = {},
): Interval {
  requireSample('Clopper–Pearson interval', rows);
  const tail = (1 - confidence) / 2;
  const low = successes === 0 ? 0 : betaQuantile(tail, { alpha: successes, beta: rows - successes + 1 });
  const high =
    successes === rows ? 1 : betaQuantile(1 - tail, { alpha: successes + 1, beta: rows - successes });
  return [low, high];
}
