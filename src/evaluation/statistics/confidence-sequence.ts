import type { Interval } from './sample.ts';

/** An interval of a mean that holds at every time, all looks together. */
export interface ConfidenceSequence {
  /** @param value From 0 to 1; of paired differences (difference + 1) / 2. */
  add(value: number): void;
  /** [0, 1] before the first value. */
  readonly interval: Interval;
}

export interface ConfidenceSequenceOptions {
  /** Share of such sequences that ever leave out the true mean. @default 0.05 */
  readonly alpha?: number | undefined;
}

/** Largest bet: ½ keeps every factor of a wrong mean above 0. */
const cap = 0.5;

/** The bet of both sequences from what was seen before: larger where little spread was seen, smaller with time. */
function createBets(alpha: number) {
  let count = 0;
  let sum = 0;
  let squares = 0;
  return {
    /** Mean and bet for the next value, from those before it alone. */
    next: () => {
      const mean = (0.5 + sum) / (count + 1);
      const variance = (0.25 + squares) / (count + 1);
      const time = count + 1;
      return { mean, bet: Math.sqrt((2 * Math.log(2 / alpha)) / (variance * time * Math.log(1 + time))) };
    },
    add: (value: number) => {
      count += 1;
      sum += value;
      squares += (value - (0.5 + sum) / (count + 1)) ** 2;
    },
  };
}

/**
 * Empirical-Bernstein confidence sequence: constant work a value, intersected over time.
 *
 * @see Waudby-Smith and Ramdas 2024, "Estimating Means of Bounded Random Variables by Betting", theorem 2.
 *   https://arxiv.org/abs/2010.09686
 */
export function empiricalBernsteinSequence({
  alpha = 0.05,
}: ConfidenceSequenceOptions = {}): ConfidenceSequence {
  const bets = createBets(alpha);
  let weights = 0;
  let weighted = 0;
  let spread = 0;
  let low = 0;
  let high = 1;
  return {
    add(value) {
      const { mean, bet: uncapped } = bets.next();
      const bet = Math.min(uncapped, cap);
      weights += bet;
      weighted += bet * value;
      spread += 4 * (value - mean) ** 2 * ((-Math.log(1 - bet) - bet) / 4);
      bets.add(value);
      const radius = (Math.log(2 / alpha) + spread) / weights;
      low = Math.max(low, weighted / weights - radius);
      high = Math.min(high, weighted / weights + radius);
    },
    get interval() {
      return [low, high] as const;
    },
  };
}

/**
 * The same by betting against every mean of a grid: tighter, more work a value. A mean goes once either half of the
 * stake against it has grown beyond 1 / α; the halves are never added up before that, or they would promise too much.
 *
 * @param options.grid Means that are tried, evenly from 0 to 1. @default 1_000
 * @see Waudby-Smith and Ramdas 2024, §4 (hedged capital). https://arxiv.org/abs/2010.09686
 */
export function bettingSequence({
  alpha = 0.05,
  grid = 1_000,
}: ConfidenceSequenceOptions & { readonly grid?: number | undefined } = {}): ConfidenceSequence {
  const bets = createBets(alpha);
  const above = new Float64Array(grid + 1);
  const below = new Float64Array(grid + 1);
  const isAlive = new Uint8Array(grid + 1).fill(1);
  const limit = Math.log(1 / alpha) + Math.LN2;
  let first = 0;
  let last = grid;
  return {
    add(value) {
      const { bet } = bets.next();
      for (let point = first; point <= last; point += 1) {
        if (isAlive[point] === 0) continue;
        const mean = point / grid;
        const upward = Math.min(bet, mean === 0 ? bet : cap / mean);
        const downward = Math.min(bet, mean === 1 ? bet : cap / (1 - mean));
        above[point] = (above[point] ?? 0) + Math.log1p(upward * (value - mean));
        below[point] = (below[point] ?? 0) + Math.log1p(-downward * (value - mean));
        if (Math.max(above[point] ?? 0, below[point] ?? 0) >= limit) isAlive[point] = 0;
      }
      while (first < last && isAlive[first] === 0) first += 1;
      while (last > first && isAlive[last] === 0) last -= 1;
      bets.add(value);
    },
    get interval() {
      // The true mean may lie between a point that went and the next one.
      return [
        Math.max(0, (first - 1) / grid) * Number(first > 0),
        Math.min(1, (last + (last < grid ? 1 : 0)) / grid),
      ] as const;
    },
  };
}
