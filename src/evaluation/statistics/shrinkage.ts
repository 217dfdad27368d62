/** A mean with the square of its standard error. */
export interface MeanWithError {
  readonly mean: number;
  readonly squaredError: number;
}

/**
 * Means drawn towards their common mean, the more the less sure they are: the extreme ones of many small groups are
 * extreme by chance. Empirical Bayes: `ȳ + (1 − B)(y − ȳ)` with `B = se² / (se² + τ²)` and
 * `τ² = max(0, variance of the means − mean se²)`.
 *
 * @returns One for each, in order; the means themselves where there is only one.
 * @see Efron and Morris 1975, "Data Analysis Using Stein's Estimator and its Generalizations".
 */
export function shrunkTowardsMean(means: readonly MeanWithError[]): {
  readonly means: readonly number[];
  /** τ²: how far the groups differ beyond chance. */
  readonly between: number;
} {
  if (means.length < 2) return { means: means.map(({ mean }) => mean), between: 0 };
  const centre = means.reduce((sum, { mean }) => sum + mean, 0) / means.length;
  const spread = means.reduce((sum, { mean }) => sum + (mean - centre) ** 2, 0) / (means.length - 1);
  const meanError = means.reduce((sum, { squaredError }) => sum + squaredError, 0) / means.length;
  const between = Math.max(0, spread - meanError);
  return {
    between,
    means: means.map(({ mean, squaredError }) => {
      const pull = squaredError === 0 ? 0 : squaredError / (squaredError + between);
      return centre + (1 - pull) * (mean - centre);
    }),
  };
}
