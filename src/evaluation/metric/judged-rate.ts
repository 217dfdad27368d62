import { normalQuantile } from '../../base/distributions.ts';
import { mean } from '../statistics/mean.ts';
import { type Interval, requireSample } from '../statistics/sample.ts';

/** What people would say of all rows, from a judge on all and people on some. JSON. */
export interface CorrectedMean {
  readonly mean: number;
  readonly standardError: number;
  /** 95 % interval. */
  readonly interval: Interval;
}

export interface LabelledAndNot {
  /** By people, of the labelled rows. */
  readonly labels: readonly number[];
  /** By the judge, of the same rows in their order. */
  readonly judged: readonly number[];
  /** By the judge, of the rows that nobody labelled. */
  readonly unlabelled: readonly number[];
}

/**
 * Prediction-powered mean: that of the judge over the unlabelled rows, corrected by what people say otherwise on the
 * labelled ones. It is right on average however wrong the judge is; a good judge makes it surer than the labels alone.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` with fewer than two labelled or unlabelled rows.
 * @see Angelopoulos et al. 2023, "Prediction-Powered Inference". https://arxiv.org/abs/2301.09633
 */
export function predictionPoweredMean({ labels, judged, unlabelled }: LabelledAndNot): CorrectedMean {
  requireSample('prediction-powered mean', Math.min(labels.length, unlabelled.length), 2);
  const corrections = labels.map((label, row) => label - (judged[row] ?? 0));
  const estimate = mean(unlabelled) + mean(corrections);
  const standardError = Math.sqrt(
    sampleVariance(unlabelled) / unlabelled.length + sampleVariance(corrections) / corrections.length,
  );
  const half = normalQuantile(0.975) * standardError;
  return { mean: estimate, standardError, interval: [estimate - half, estimate + half] };
}

/**
 * The true rate behind one that a judge with known errors observes, 0 to 1.
 *
 * @returns Undefined where the judge tells no more than chance.
 * @see Rogan and Gladen 1978, "Estimating Prevalence from the Results of a Screening Test".
 */
export function correctedRate(
  observed: number,
  { sensitivity, specificity }: { readonly sensitivity: number; readonly specificity: number },
): number | undefined {
  const power = sensitivity + specificity - 1;
  if (power <= 0) return undefined;
  return Math.min(1, Math.max(0, (observed + specificity - 1) / power));
}

function sampleVariance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
