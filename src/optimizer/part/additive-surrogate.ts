import type { Random } from '../../base/random.ts';

/** A mean that a combination of choices reached. */
export interface Observation {
  /** The choice of each variable, as an index. */
  readonly choices: readonly number[];
  readonly mean: number;
  /** Rows that it is the mean of, at least 1. */
  readonly rows: number;
}

export interface AdditiveSurrogate {
  /** A combination that is best in one draw of what may be true: the more is known, the less it explores. */
  suggest(random: Random): readonly number[];
  /** What a combination is expected to reach. */
  expect(choices: readonly number[]): number;
}

/** Variance of a score of one row, and of the effect of one choice: scores lie between 0 and 1. */
const rowVariance = 0.25;
const effectVariance = 0.01;

/**
 * Learns the effect of each choice from means on different numbers of rows: `mean = base + Σ effects + noise`, the
 * noise of a mean of n rows having a variance of 0.25 / n. Works from the first observation.
 *
 * @param sizes Choices of each variable.
 * @see Thompson 1933, "On the likelihood that one unknown probability exceeds another"; Agrawal & Goyal 2013,
 *   "Thompson Sampling for Contextual Bandits with Linear Payoffs".
 */
export function additiveSurrogate(
  observations: readonly Observation[],
  sizes: readonly number[],
): AdditiveSurrogate {
  const starts = sizes.map((_, variable) => sizes.slice(0, variable).reduce((sum, size) => sum + size, 0));
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const rows = observations.reduce((sum, { rows: of }) => sum + of, 0);
  const base = rows === 0 ? 0.5 : observations.reduce((sum, { mean, rows: of }) => sum + mean * of, 0) / rows;
  // Precision matrix and weighted sums of Bayesian linear regression on one indicator a choice.
  const precision = Array.from({ length: count }, (_, row) =>
    Array.from({ length: count }, (__, column) => (row === column ? 1 / effectVariance : 0)),
  );
  const sums = new Array<number>(count).fill(0);
  for (const { choices, mean, rows: of } of observations) {
    const weight = of / rowVariance;
    const features = choices.map((choice, variable) => (starts[variable] ?? 0) + choice);
    for (const one of features) {
      sums[one] = (sums[one] ?? 0) + weight * (mean - base);
      for (const other of features) {
        const line = precision[one];
        if (line !== undefined) line[other] = (line[other] ?? 0) + weight;
      }
    }
  }
  const lower = cholesky(precision);
  const effects = solveUpper(lower, solveLower(lower, sums));
  const bestOf = (values: readonly number[]) =>
    sizes.map((size, variable) => {
      const start = starts[variable] ?? 0;
      let best = 0;
      for (let choice = 1; choice < size; choice += 1) {
        if ((values[start + choice] ?? 0) > (values[start + best] ?? 0)) best = choice;
      }
      return best;
    });
  return {
    suggest: (random) => {
      const noise = solveUpper(
        lower,
        Array.from({ length: count }, () => gaussian(random)),
      );
      return bestOf(effects.map((effect, index) => effect + (noise[index] ?? 0)));
    },
    expect: (choices) =>
      choices.reduce((sum, choice, variable) => sum + (effects[(starts[variable] ?? 0) + choice] ?? 0), base),
  };
}

/** The lower triangle `L` of a positive definite matrix, `L · Lᵀ`. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const lower = matrix.map((row) => row.map(() => 0));
  for (let row = 0; row < matrix.length; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row]?.[column] ?? 0;
      for (let at = 0; at < column; at += 1) sum -= (lower[row]?.[at] ?? 0) * (lower[column]?.[at] ?? 0);
      const line = lower[row];
      if (line !== undefined) {
        line[column] =
          row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (lower[column]?.[column] ?? 1);
      }
    }
  }
  return lower;
}

function solveLower(lower: readonly (readonly number[])[], right: readonly number[]): number[] {
  const solved: number[] = [];
  for (let row = 0; row < lower.length; row += 1) {
    let sum = right[row] ?? 0;
    for (let at = 0; at < row; at += 1) sum -= (lower[row]?.[at] ?? 0) * (solved[at] ?? 0);
    solved.push(sum / (lower[row]?.[row] ?? 1));
  }
  return solved;
}

/** Solves `Lᵀ · x = right`. */
function solveUpper(lower: readonly (readonly number[])[], right: readonly number[]): number[] {
  const solved = new Array<number>(lower.length).fill(0);
  for (let row = lower.length - 1; row >= 0; row -= 1) {
    let sum = right[row] ?? 0;
    for (let at = row + 1; at < lower.length; at += 1) sum -= (lower[at]?.[row] ?? 0) * (solved[at] ?? 0);
    solved[row] = sum / (lower[row]?.[row] ?? 1);
  }
  return solved;
}

/** A standard normal number, by Box and Muller's transform. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
