import type { Interval } from './statistics/sample.ts';

/**
 * - `pass`, `fail`: shown.
 * - `inconclusive`: neither is; more rows would tell.
 */
export type GateResult = 'pass' | 'fail' | 'inconclusive';

/** What the paired difference, challenger − baseline, must show. */
export const differenceRules = ['no-regression', 'non-inferior', 'improvement'] as const;
export type DifferenceRule = (typeof differenceRules)[number];

/** The largest loss that still is none, in points of score. */
export const defaultMargin = 0.05;

/**
 * What a 95 % interval of the paired difference says to a rule.
 *
 * - `no-regression`: fails when the whole interval lies below 0, passes when it lies above −margin.
 * - `non-inferior`: passes when it lies above −margin, fails when it lies below.
 * - `improvement`: passes when it lies above 0, fails when no part of it does.
 *
 * Anything else is inconclusive.
 */
export function judgeDifference(
  rule: DifferenceRule,
  [low, high]: Interval,
  { margin = defaultMargin }: { readonly margin?: number | undefined } = {},
): GateResult {
  switch (rule) {
    case 'no-regression':
      if (high < 0) return 'fail';
      return low > -margin ? 'pass' : 'inconclusive';
    case 'non-inferior':
      if (low > -margin) return 'pass';
      return high < -margin ? 'fail' : 'inconclusive';
    case 'improvement':
      if (low > 0) return 'pass';
      return high <= 0 ? 'fail' : 'inconclusive';
  }
}

/** Whether a score is at least `threshold`: its lower bound must be, and it fails when its upper bound is not. */
export function judgeThreshold(threshold: number, [low, high]: Interval): GateResult {
  if (low >= threshold) return 'pass';
  return high < threshold ? 'fail' : 'inconclusive';
}

/** One failure fails; one open question leaves the whole open. */
export function overallResult(results: readonly GateResult[]): GateResult {
  if (results.includes('fail')) return 'fail';
  return results.includes('inconclusive') ? 'inconclusive' : 'pass';
}
