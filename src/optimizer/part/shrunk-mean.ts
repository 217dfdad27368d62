/** A mean with what it rests on. */
export interface NoisyMean {
  readonly mean: number;
  /** Of single values, not of the mean; undefined below two values. */
  readonly variance: number | undefined;
  /** Values, at least 1. */
  readonly count: number;
}

/** The variance of a fair coin: of scores between 0 and 1, the most there can be. */
const largestVariance = 0.25;

/**
 * Means drawn towards their common mean, the more the less they rest on: the best of many noisy means looks
 * better than it is, and one on few rows looks best of all. Empirical Bayes: `ȳ + (1 − B)(y − ȳ)` with
 * `B = se² / (se² + τ²)` and `τ² = max(0, variance of the means − mean se²)`. The variance of single values is
 * pooled, so that a mean of few equal values does not look certain.
 *
 * @returns One for each, in order; the means themselves where there is only one.
 * @see Efron & Morris 1975, "Data Analysis Using Stein's Estimator and its Generalizations".
 */
export function shrunkMeans(means: readonly NoisyMean[]): readonly number[] {
  if (means.length < 2) return means.map(({ mean }) => mean);
  const pooled = pooledVariance(means);
  const errors = means.map(({ count }) => pooled / count);
  const centre = means.reduce((sum, { mean }) => sum + mean, 0) / means.length;
  const spread = means.reduce((sum, { mean }) => sum + (mean - centre) ** 2, 0) / (means.length - 1);
  const meanError = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const between = Math.max(0, spread - meanError);
  return means.map(({ mean }, index) => {
    const error = errors[index] ?? pooled;
    const pull = error === 0 ? 0 : error / (error + between);
    return centre + (1 - pull) * (mean - centre);
  });
}

function pooledVariance(means: readonly NoisyMean[]): number {
  let squares = 0;
  let freedom = 0;
  for (const { variance, count } of means) {
    if (variance === undefined) continue;
    squares += variance * (count - 1);
    freedom += count - 1;
  }
  return freedom === 0 ? largestVariance : squares / freedom;
}
