/** Rows of numbers with the class of each. */
export interface ClassifiedRows {
  /** One list of equal length a row. */
  readonly features: readonly (readonly number[])[];
  /** The index of each row's class, from 0. */
  readonly targets: readonly number[];
  readonly classes: number;
}

/** Log-odds of each class: its offset, and its weights times how far the features are from the means. */
export interface LinearClassifier {
  readonly means: readonly number[];
  /** One list a class, in the order of the features. */
  readonly weights: readonly (readonly number[])[];
  readonly offsets: readonly number[];
}

/**
 * Multinomial logistic regression with an L2 penalty of 1 on standardized features whose sum of squares is 1 a row,
 * which suits more features than rows; the offsets go free. Found by accelerated gradient steps, their number bounded by the
 * work they take.
 *
 * @see Nesterov 1983, "A method of solving a convex programming problem with convergence rate O(1/k²)"; Hastie,
 *   Tibshirani & Friedman 2009, "The Elements of Statistical Learning", §4.4 and §18.3.
 */
export function fitClassifier({ features, targets, classes }: ClassifiedRows): LinearClassifier {
  const width = features[0]?.length ?? 0;
  const { rows, means, scales } = standardize(features, width);
  const step = 1 / (largestEigenvalue(rows, width) / 2 + 1);
  const rounds = Math.max(50, Math.min(300, Math.round(mostWork / (rows.length * width * classes + 1))));
  let weights = zeros(classes, width + 1);
  let ahead = zeros(classes, width + 1);
  for (let round = 0; round < rounds; round += 1) {
    const slope = slopesAt(ahead, { rows, targets, width });
    const next = ahead.map((own, index) =>
      own.map((value, at) => {
        const change = slope[index]?.[at] ?? 0;
        return at === width ? value - change / Math.max(1, rows.length / 2) : value - step * (change + value);
      }),
    );
    const momentum = round / (round + 3);
    ahead = next.map((own, index) =>
      own.map((value, at) => value + momentum * (value - (weights[index]?.[at] ?? 0))),
    );
    weights = next;
  }
  return {
    means,
    weights: weights.map((own) => [...own.subarray(0, width)].map((value, at) => value * (scales[at] ?? 0))),
    offsets: weights.map((own) => own[width] ?? 0),
  };
}

/** Multiplications that a fit may take: some tenths of a second. */
const mostWork = 3e8;

/** Features less their means, divided so that each varies alike and a row's squares add up to about 1. */
function standardize(features: readonly (readonly number[])[], width: number) {
  const count = Math.max(1, features.length);
  const sums = (value: (row: readonly number[], at: number) => number) =>
    Array.from({ length: width }, (_, at) => features.reduce((sum, row) => sum + value(row, at), 0) / count);
  const means = sums((row, at) => row[at] ?? 0);
  const variances = sums((row, at) => ((row[at] ?? 0) - (means[at] ?? 0)) ** 2);
  // A feature that never varies says nothing.
  const scales = variances.map((variance) => (variance < 1e-12 ? 0 : 1 / Math.sqrt(variance * width)));
  const rows = features.map((row) =>
    Float64Array.from(row, (value, at) => (value - (means[at] ?? 0)) * (scales[at] ?? 0)),
  );
  return { rows, means, scales };
}

interface Slopes {
  readonly rows: readonly Float64Array[];
  readonly targets: readonly number[];
  readonly width: number;
}

/** The slope of the loss without its penalty, the offsets behind the weights. */
function slopesAt(weights: readonly Float64Array[], { rows, targets, width }: Slopes): Float64Array[] {
  const slopes = zeros(weights.length, width + 1);
  for (const [index, row] of rows.entries()) {
    const odds = weights.map((own) => dot(own, row) + (own[width] ?? 0));
    const most = Math.max(...odds);
    const shares = odds.map((value) => Math.exp(value - most));
    const total = shares.reduce((sum, share) => sum + share, 0);
    for (const [label, slope] of slopes.entries()) {
      const error = (shares[label] ?? 0) / total - (targets[index] === label ? 1 : 0);
      for (let at = 0; at < width; at += 1) slope[at] = (slope[at] ?? 0) + error * (row[at] ?? 0);
      slope[width] = (slope[width] ?? 0) + error;
    }
  }
  return slopes;
}

/** Of the rows' products, by power iteration: it bounds how far a step may go. */
function largestEigenvalue(rows: readonly Float64Array[], width: number): number {
  let vector = Float64Array.from({ length: width }, (_, at) => 1 + (at % 7) / 7);
  let norm = 0;
  for (let round = 0; round < 20; round += 1) {
    const next = new Float64Array(width);
    for (const row of rows) {
      const along = dot(row, vector);
      for (let at = 0; at < width; at += 1) next[at] = (next[at] ?? 0) + along * (row[at] ?? 0);
    }
    norm = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
    if (norm === 0) return 0;
    vector = next.map((value) => value / norm);
  }
  // A start that missed the largest one a little must not make the steps too long.
  return norm * 1.1;
}

function dot(weights: Float64Array, row: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < row.length; at += 1) sum += (weights[at] ?? 0) * (row[at] ?? 0);
  return sum;
}

function zeros(count: number, width: number): Float64Array[] {
  return Array.from({ length: count }, () => new Float64Array(width));
}
