import { chiSquareCdf, normalCdf, studentTQuantile } from '../../base/distributions.ts';
import { ranksOf } from './signed-rank.ts';

/** One rung of a race: so many candidates, each asked about so many further rows. */
export interface Rung {
  readonly candidates: number;
  readonly rows: number;
}

/**
 * Sequential halving: ⌈log₂ K⌉ rungs with the same share of the budget each; the better half goes on.
 *
 * @see Karnin, Koren and Somekh 2013, "Almost Optimal Exploration in Multi-Armed Bandits"; for prompts: Shi et al. 2024,
 *   "TRIPLE". https://arxiv.org/abs/2402.09723
 */
export function sequentialHalving(candidates: number, budget: number): readonly Rung[] {
  const rungs = Math.max(1, Math.ceil(Math.log2(candidates)));
  const plan: Rung[] = [];
  let left = candidates;
  for (let rung = 0; rung < rungs; rung += 1) {
    plan.push({ candidates: left, rows: Math.floor(budget / (left * rungs)) });
    left = Math.ceil(left / 2);
  }
  return plan;
}

export interface HyperbandOptions {
  /** Most rows of one candidate. */
  readonly rows: number;
  /** Fewest rows of one candidate. @default 1 */
  readonly leastRows?: number | undefined;
  /** A rung keeps one in so many. @default 3 */
  readonly eta?: number | undefined;
}

/**
 * Hyperband: brackets from many candidates on few rows to few candidates on all; in each rung all rows so far count.
 *
 * @see Li et al. 2018, "Hyperband", algorithm 1. https://arxiv.org/abs/1603.06560
 */
export function hyperband({ rows, leastRows = 1, eta = 3 }: HyperbandOptions): readonly (readonly Rung[])[] {
  const most = Math.floor(Math.log(rows / leastRows) / Math.log(eta) + 1e-9);
  return Array.from({ length: most + 1 }, (_, index) => {
    const bracket = most - index;
    const candidates = Math.ceil(((most + 1) * eta ** bracket) / (bracket + 1));
    return Array.from({ length: bracket + 1 }, (_rung, rung) => ({
      candidates: Math.floor(candidates / eta ** rung),
      rows: Math.round(rows * eta ** (rung - bracket)),
    }));
  });
}

/** Friedman's test over blocks, with the least distance of rank sums that tells two candidates apart. */
export interface FriedmanResult {
  readonly statistic: number;
  readonly pValue: number;
  /** By candidate; 1 is the best rank of a row. */
  readonly rankSums: readonly number[];
  /** Conover's: rank sums farther apart differ at 5 %. */
  readonly criticalDifference: number;
}

/**
 * Whether candidates differ over the same rows, by their ranks in each.
 *
 * @param scores One list a row, with the score of each candidate, higher is better.
 * @see Friedman 1937; Conover 1999, "Practical Nonparametric Statistics", §5.8.
 */
export function friedmanTest(scores: readonly (readonly number[])[]): FriedmanResult {
  const rows = scores.length;
  const size = scores[0]?.length ?? 0;
  const ranks = scores.map((row) => ranksOf(row.map((score) => -score)));
  const rankSums = Array.from({ length: size }, (_, index) =>
    ranks.reduce((sum, row) => sum + (row[index] ?? 0), 0),
  );
  const squares = ranks.reduce((sum, row) => sum + row.reduce((part, rank) => part + rank ** 2, 0), 0);
  const middle = (rows * size * (size + 1) ** 2) / 4;
  const between = rankSums.reduce((sum, rank) => sum + (rank - (rows * (size + 1)) / 2) ** 2, 0);
  const statistic = squares === middle ? 0 : ((size - 1) * between) / (squares - middle);
  const degrees = (rows - 1) * (size - 1);
  const rest = squares - rankSums.reduce((sum, rank) => sum + rank ** 2, 0) / rows;
  return {
    statistic,
    pValue: 1 - chiSquareCdf(statistic, size - 1),
    rankSums,
    criticalDifference: studentTQuantile(0.975, degrees) * Math.sqrt((2 * rows * rest) / degrees),
  };
}

/** Half width of a bound on a mean of scores from 0 to 1 that holds for all candidates at all sizes. */
export function hoeffdingRadius(
  rows: number,
  {
    candidates,
    mostRows,
    error,
  }: { readonly candidates: number; readonly mostRows: number; readonly error: number },
): number {
  return Math.sqrt(Math.log((2 * candidates * mostRows) / error) / (2 * rows));
}

/** Rows from which on such bounds of two candidates lie apart. */
export function hoeffdingRows(
  gap: number,
  {
    candidates,
    mostRows,
    error,
  }: { readonly candidates: number; readonly mostRows: number; readonly error: number },
): number {
  return Math.ceil((2 * Math.log((2 * candidates * mostRows) / error)) / gap ** 2);
}

/**
 * Empirical Bernstein bound of a mean, with the chance of a miss shared out over all sizes.
 *
 * @see Audibert, Munos and Szepesvári 2009, "Exploration-Exploitation Tradeoff Using Variance Estimates".
 */
export function bernsteinRadius(
  rows: number,
  { variance, error }: { readonly variance: number; readonly error: number },
): number {
  const logarithm = Math.log(3 / error);
  return Math.sqrt((2 * variance * logarithm) / rows) + (3 * logarithm) / rows;
}

/**
 * By how many standard errors the best of so many equal candidates looks better than it is: the expected maximum of
 * independent normal values, integrated numerically.
 */
export function expectedMaximum(candidates: number): number {
  const steps = 4_000;
  const width = 16 / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step += 1) {
    const z = -8 + step * width;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const weight = step === 0 || step === steps ? 0.5 : 1;
    sum += weight * z * candidates * density * normalCdf(z) ** (candidates - 1);
  }
  return sum * width;
}
