import { binomialCdf, binomialPmf } from '../../base/distributions.ts';
import { minimumProvableMeanDifference } from './power.ts';
import { requireSample } from './sample.ts';

export interface PlannedDifferenceOptions {
  /** Whether every score is 0 or 1. */
  readonly passFail: boolean;
  /** Chance to find the difference when it is there, 0 to 1. @default 0.8 */
  readonly power?: number | undefined;
}

/** What is taken for granted before a row is answered: pass/fail answers differ on a fifth of the rows. */
export const assumedDiscordantRate = 0.2;
/** Differences of graded scores spread by so much. */
export const assumedDeviation = 0.3;

const significance = 0.05;

/**
 * The smallest difference that a test of so many rows finds, before anything is known of them: for pass/fail by the
 * exact power of the McNemar test, for graded scores with one pair at the worst value among them.
 *
 * @param units Rows, or clusters where rows count together.
 * @returns 0 to 1; 1 when so few rows find nothing.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when `units` is 0.
 */
export function plannedDifference(
  units: number,
  { passFail, power = 0.8 }: PlannedDifferenceOptions,
): number {
  requireSample('smallest difference', units);
  if (!passFail) {
    return Math.min(1, minimumProvableMeanDifference(units, { standardDeviation: assumedDeviation, power }));
  }
  if (mcnemarPower(units, 1) < power) return 1;
  const needed = fewestFixed(units);
  let low = 0;
  let high = 1;
  for (let step = 0; step < 20; step += 1) {
    const middle = (low + high) / 2;
    if (mcnemarPower(units, middle, needed) >= power) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Chance that the exact two-sided McNemar test finds this difference of success rates. A fifth of the rows differ,
 * or as many as the difference takes.
 */
export function mcnemarPower(units: number, difference: number, needed = fewestFixed(units)): number {
  const rate = Math.max(assumedDiscordantRate, difference);
  const fixedShare = (rate + difference) / (2 * rate);
  let power = 0;
  for (let differing = 0; differing <= units; differing += 1) {
    const chance =
      rate >= 1 ? Number(differing === units) : binomialPmf(differing, { trials: units, chance: rate });
    if (chance < 1e-9) continue;
    const least = needed[differing] ?? differing + 1;
    const found =
      fixedShare >= 1
        ? Number(least <= differing)
        : 1 - binomialCdf(least - 1, { trials: differing, chance: fixedShare });
    power += chance * found;
  }
  return power;
}

/** For each number of differing rows the fewest that must be fixed for p ≤ 0.05; one more than all where none do. */
function fewestFixed(units: number): readonly number[] {
  const needed: number[] = [];
  // One more differing row demands at most one more fixed row, so each search goes on where the last one ended.
  let least = 1;
  for (let differing = 0; differing <= units; differing += 1) {
    while (
      least <= differing &&
      2 * binomialCdf(differing - least, { trials: differing, chance: 0.5 }) > significance
    ) {
      least += 1;
    }
    needed.push(least);
  }
  return needed;
}
