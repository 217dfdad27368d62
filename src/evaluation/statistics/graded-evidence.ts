import type { Evidence } from './paired-evidence.ts';

/** Evidence on paired differences of graded scores, that may be looked at after every row. */
export interface GradedEvidence extends Evidence {
  /** @param difference Challenger − baseline of one row, −1 to 1. */
  add(difference: number): void;
}

/** Largest bet: half of what could be lost at once, so that the stake never comes near 0. */
const cap = 0.5;

/**
 * Evidence against "the mean difference is 0" by betting on its sign: each bet is sized by the rows before it, and never
 * loses more than half of the stake. Two-sided it is the mean of a stake on either side.
 *
 * @see Waudby-Smith and Ramdas 2024, "Estimating Means of Bounded Random Variables by Betting", §4.
 *   https://arxiv.org/abs/2010.09686
 */
export function gradedEvidence(): GradedEvidence {
  let count = 0;
  let sum = 0;
  let squares = 0;
  let up = 1;
  let down = 1;
  return {
    add(difference) {
      const time = count + 1;
      const mean = sum / time;
      const variance = (0.25 + squares) / time;
      const bet = Math.min(cap, Math.abs(mean) / (variance + mean ** 2));
      // The side that the rows so far speak for gets the bet that fits them; the other a small one, to find a turn.
      const least = Math.min(cap, Math.sqrt(1 / time) / 4);
      up *= 1 + (mean > 0 ? Math.max(bet, least) : least) * difference;
      down *= 1 - (mean < 0 ? Math.max(bet, least) : least) * difference;
      count += 1;
      squares += (difference - mean) ** 2;
      sum += difference;
    },
    get twoSided() {
      return (up + down) / 2;
    },
    get challengerBetter() {
      return up;
    },
  };
}
