import { normalQuantile } from '../../base/distributions.ts';
import { HoneError } from '../../base/errors.ts';
import { requireSample } from './sample.ts';

export interface PowerOptions {
  /** Share of rows where the two answers differ, 0 to 1. @default 0.2 */
  readonly discordantRate?: number | undefined;
  /** Chance to find a difference that is there, 0 to 1. @default 0.8 */
  readonly power?: number | undefined;
  /** @default 0.95 */
  readonly confidence?: number | undefined;
}

/**
 * Rows that a paired pass/fail comparison needs to find this difference.
 *
 * @param difference Of two success rates, above 0 and at most √discordantRate.
 * @returns Not rounded; round up for a plan.
 * @throws {HoneError} `HONE_OPTION_INVALID` when `difference` is out of its range.
 * @see Connor 1987, "Sample Size for Testing Differences in Proportions for the Paired-Sample Design".
 */
export function rowsNeeded(difference: number, options: PowerOptions = {}): number {
  const { discordantRate = 0.2, power = 0.8, confidence = 0.95 } = options;
  if (!(difference > 0 && difference ** 2 <= discordantRate)) {
    throw new HoneError(
      `A difference of ${difference} cannot arise when ${discordantRate} of the rows differ.`,
      {
        code: 'HONE_OPTION_INVALID',
        hint: `Ask for a difference above 0 and at most ${Math.sqrt(discordantRate).toFixed(3)}.`,
      },
    );
  }
  return rowsFor(difference, { discordantRate, power, confidence });
}

/**
 * Rows of each of two unpaired samples that find a difference of two success rates.
 *
 * @param first One rate, 0 to 1.
 * @param second The other, not the same.
 * @returns Not rounded; round up for a plan.
 */
export function rowsNeededUnpaired(
  first: number,
  second: number,
  options: Omit<PowerOptions, 'discordantRate'> = {},
): number {
  const { power = 0.8, confidence = 0.95 } = options;
  const { significance, detection } = quantiles(power, confidence);
  const middle = (first + second) / 2;
  const same = Math.sqrt(2 * middle * (1 - middle));
  const apart = Math.sqrt(first * (1 - first) + second * (1 - second));
  return ((significance * same + detection * apart) / (first - second)) ** 2;
}

/**
 * The smallest difference of success rates that a paired pass/fail comparison of so many rows finds with the
 * given power: {@link rowsNeeded} inverted by bisection.
 *
 * @returns 0 to 1; 1 when so few rows find nothing at all.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when `rows` is 0.
 */
export function minimumDetectableEffect(rows: number, options: PowerOptions = {}): number {
  requireSample('minimum detectable effect', rows);
  const { discordantRate = 0.2, power = 0.8, confidence = 0.95 } = options;
  const plan = { discordantRate, power, confidence };
  let high = Math.sqrt(discordantRate);
  if (high === 0 || rowsFor(high, plan) > rows) return 1;
  let low = 0;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (rowsFor(middle, plan) <= rows) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The same for graded scores: the mean difference that so many pairs find.
 *
 * @param options.standardDeviation Of the paired differences.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when `rows` is 0.
 * @see Miller 2024, "Adding Error Bars to Evals", §5. https://arxiv.org/abs/2411.00640
 */
export function minimumDetectableMeanDifference(
  rows: number,
  options: Omit<PowerOptions, 'discordantRate'> & { readonly standardDeviation: number },
): number {
  requireSample('minimum detectable effect', rows);
  const { standardDeviation, power = 0.8, confidence = 0.95 } = options;
  const { significance, detection } = quantiles(power, confidence);
  return ((significance + detection) * standardDeviation) / Math.sqrt(rows);
}

/**
 * The mean difference that so many pairs prove with one more pair at −1 among them, as a comparison of graded
 * scores demands.
 *
 * @param options.standardDeviation Of the paired differences.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when `rows` is 0.
 */
export function minimumProvableMeanDifference(
  rows: number,
  options: Omit<PowerOptions, 'discordantRate'> & { readonly standardDeviation: number },
): number {
  requireSample('minimum detectable effect', rows);
  const { standardDeviation, power = 0.8, confidence = 0.95 } = options;
  const { significance, detection } = quantiles(power, confidence);
  // The worst pair takes one from the sum and adds its square to the spread.
  const spreadWithWorst = Math.sqrt(rows * standardDeviation ** 2 + 1);
  return (1 + significance * spreadWithWorst + detection * standardDeviation * Math.sqrt(rows)) / rows;
}

function rowsFor(
  difference: number,
  { discordantRate, power, confidence }: { readonly [Key in keyof PowerOptions]-?: number },
): number {
  const { significance, detection } = quantiles(power, confidence);
  const whenDifferent = Math.sqrt(Math.max(0, discordantRate - difference ** 2));
  return ((significance * Math.sqrt(discordantRate) + detection * whenDifferent) / difference) ** 2;
}

function quantiles(power: number, confidence: number) {
  return { significance: normalQuantile(1 - (1 - confidence) / 2), detection: normalQuantile(power) };
}
