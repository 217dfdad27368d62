import { type PairedCounts, rowsOf } from './paired-counts.ts';
import { type ConfidenceOptions, type Interval, requireSample } from './sample.ts';
import { wilsonInterval } from './wilson.ts';

/**
 * Interval of the difference of two paired proportions, challenger − baseline.
 *
 * @returns Bounds from −1 to 1.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no pair.
 * @see Newcombe 1998, "Improved Confidence Intervals for the Difference between Binomial Proportions Based on
 * Paired Data", method 10.
 */
export function newcombePairedInterval(counts: PairedCounts, options: ConfidenceOptions = {}): Interval {
  const rows = rowsOf(counts);
  requireSample('paired Newcombe interval', rows);
  const baselineRight = counts.bothRight + counts.onlyBaseline;
  const challengerRight = counts.bothRight + counts.onlyChallenger;
  const baseline = baselineRight / rows;
  const challenger = challengerRight / rows;
  const [baselineLow, baselineHigh] = wilsonInterval({ successes: baselineRight, rows }, options);
  const [challengerLow, challengerHigh] = wilsonInterval({ successes: challengerRight, rows }, options);
  const phi = pairedCorrelation(counts);
  const difference = challenger - baseline;
  return [
    difference - distance(challenger - challengerLow, baselineHigh - baseline, phi),
    difference + distance(challengerHigh - challenger, baseline - baselineLow, phi),
  ];
}

/** Correlation φ of the pairs; its numerator is reduced by n / 2 when positive, not below 0. */
export function pairedCorrelation(counts: PairedCounts): number {
  const { bothRight, onlyBaseline, onlyChallenger, bothWrong } = counts;
  const margins =
    (bothRight + onlyBaseline) *
    (onlyChallenger + bothWrong) *
    (bothRight + onlyChallenger) *
    (onlyBaseline + bothWrong);
  if (margins === 0) return 0;
  const product = bothRight * bothWrong - onlyBaseline * onlyChallenger;
  const numerator = product > 0 ? Math.max(0, product - rowsOf(counts) / 2) : product;
  return numerator / Math.sqrt(margins);
}

function distance(own: number, other: number, phi: number): number {
  return Math.sqrt(Math.max(0, own ** 2 - 2 * phi * own * other + other ** 2));
}
