import { mean } from './mean.ts';
import { requireSample } from './sample.ts';

/** Where the spread of a mean over repeated answers comes from. */
export interface VarianceParts {
  readonly mean: number;
  /** Of the mean over rows: it includes both parts. */
  readonly standardError: number;
  /** Mean variance of the answers to one row: what more answers a row would lessen. */
  readonly within: number;
  /** Variance of the rows' true means: what only more rows lessen; 0 where chance explains all. */
  readonly between: number;
}

/**
 * Splits the variance of scores with several answers a row.
 *
 * @param rows The scores of each row, as many for each, at least two rows.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` for fewer than two rows.
 * @see Miller 2024, "Adding Error Bars to Evals", §3.2. https://arxiv.org/abs/2411.00640
 */
export function varianceParts(rows: readonly (readonly number[])[]): VarianceParts {
  requireSample('split of the variance', rows.length, 2);
  const means = rows.map((scores) => mean(scores));
  const answers = rows.reduce((sum, scores) => sum + scores.length, 0) / rows.length;
  const within = mean(rows.map((scores) => (scores.length < 2 ? 0 : variance(scores))));
  const ofMeans = variance(means);
  return {
    mean: mean(means),
    standardError: Math.sqrt(ofMeans / rows.length),
    within,
    between: Math.max(0, ofMeans - within / answers),
  };
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/**
 * Rows that a paired comparison needs with so many answers a row of each side.
 *
 * @param plan.difference Of two means that is to be found, above 0.
 * @param plan.between Variance of the rows' mean differences.
 * @param plan.within Variance of the answers to one row, of each side.
 * @returns Not rounded; round up for a plan.
 * @see Miller 2024, eq. 9. https://arxiv.org/abs/2411.00640
 */
export function rowsNeededWithTrials(plan: {
  readonly difference: number;
  readonly between: number;
  readonly within: readonly [number, number];
  readonly trials: number;
  readonly quantiles: number;
}): number {
  const { difference, between, within, trials, quantiles } = plan;
  return (quantiles ** 2 * (between + within[0] / trials + within[1] / trials)) / difference ** 2;
}
