import type { Interval } from './sample.ts';
import { type Proportion, wilsonInterval } from './wilson.ts';

/**
 * Interval of the difference of two independent proportions, second − first: for experiments whose rows do not pair.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when either has no row.
 * @see Newcombe 1998, "Interval Estimation for the Difference between Independent Proportions", method 10.
 */
export function newcombeInterval(first: Proportion, second: Proportion): Interval {
  const [firstLow, firstHigh] = wilsonInterval(first);
  const [secondLow, secondHigh] = wilsonInterval(second);
  const one = first.successes / first.rows;
  const two = second.successes / second.rows;
  const difference = two - one;
  return [
    difference - Math.sqrt((two - secondLow) ** 2 + (firstHigh - one) ** 2),
    difference + Math.sqrt((secondHigh - two) ** 2 + (one - firstLow) ** 2),
  ];
}
