import { requireSample } from '../statistics/sample.ts';

/** Stated confidence in an answer, and whether it was right. */
export interface Forecast {
  /** 0 to 1. */
  readonly confidence: number;
  readonly right: boolean;
}

/** One bin of a reliability table. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly rows: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
}

export interface BinOptions {
  /** @default 10 */
  readonly bins?: number | undefined;
  /** `width`: bins of equal width; `count`: as many rows in each. @default 'width' */
  readonly by?: 'width' | 'count' | undefined;
}

/**
 * Forecasts in bins of confidence; empty ones are left out. Bins of equal width are open below and closed above, the
 * first closed at 0 too.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no forecast.
 */
export function reliabilityTable(
  forecasts: readonly Forecast[],
  { bins = 10, by = 'width' }: BinOptions = {},
): readonly ReliabilityBin[] {
  requireSample('calibration', forecasts.length);
  const sorted = [...forecasts].sort((a, b) => a.confidence - b.confidence);
  const groups =
    by === 'count'
      ? Array.from({ length: bins }, (_, bin) =>
          sorted.slice(
            Math.floor((bin * sorted.length) / bins),
            Math.floor(((bin + 1) * sorted.length) / bins),
          ),
        )
      : Array.from({ length: bins }, (_, bin) =>
          sorted.filter(({ confidence }) => Math.max(0, Math.ceil(confidence * bins - 1e-9) - 1) === bin),
        );
  return groups.flatMap((group, bin) => {
    const [first] = group;
    const last = group.at(-1);
    if (first === undefined || last === undefined) return [];
    return [
      {
        low: by === 'width' ? bin / bins : first.confidence,
        high: by === 'width' ? (bin + 1) / bins : last.confidence,
        rows: group.length,
        meanConfidence: group.reduce((sum, { confidence }) => sum + confidence, 0) / group.length,
        accuracy: group.filter(({ right }) => right).length / group.length,
      },
    ];
  });
}

/**
 * Expected calibration error: how far stated confidence is from observed accuracy, by the rows of the bins. Below some
 * 200 rows it is biased upwards.
 *
 * @returns 0 (calibrated) to 1.
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no forecast.
 * @see Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3. https://arxiv.org/abs/1706.04599; bins of
 *   equal count: Nixon et al. 2019. https://arxiv.org/abs/1904.01685
 */
export function expectedCalibrationError(forecasts: readonly Forecast[], options: BinOptions = {}): number {
  return reliabilityTable(forecasts, options).reduce(
    (sum, { rows, accuracy, meanConfidence }) =>
      sum + (rows / forecasts.length) * Math.abs(accuracy - meanConfidence),
    0,
  );
}

/** The largest distance of any bin, 0 to 1. @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no forecast. */
export function maximumCalibrationError(forecasts: readonly Forecast[], options: BinOptions = {}): number {
  return Math.max(
    ...reliabilityTable(forecasts, options).map(({ accuracy, meanConfidence }) =>
      Math.abs(accuracy - meanConfidence),
    ),
  );
}

/**
 * Mean squared distance of confidence from what came: 0 (best) to 1.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no forecast.
 * @see Brier 1950, "Verification of Forecasts Expressed in Terms of Probability".
 */
export function brierScore(forecasts: readonly Forecast[]): number {
  requireSample('Brier score', forecasts.length);
  return (
    forecasts.reduce((sum, { confidence, right }) => sum + (confidence - Number(right)) ** 2, 0) /
    forecasts.length
  );
}

/** Of one row over all classes: 0 (best) to 2. A class without a probability has 0. */
export function multiclassBrier(probabilities: Readonly<Record<string, number>>, right: string): number {
  const classes = new Set([...Object.keys(probabilities), right]);
  let sum = 0;
  for (const name of classes) sum += ((probabilities[name] ?? 0) - Number(name === right)) ** 2;
  return sum;
}

/** Mean of −log of the probability that was given to what came; infinite where that was 0. */
export function logLoss(forecasts: readonly Forecast[]): number {
  requireSample('log loss', forecasts.length);
  return (
    -forecasts.reduce(
      (sum, { confidence, right }) => sum + Math.log(right ? confidence : 1 - confidence),
      0,
    ) / forecasts.length
  );
}

/**
 * The Brier score of binned forecasts as reliability − resolution + uncertainty.
 *
 * @see Murphy 1973, "A New Vector Partition of the Probability Score".
 */
export function murphyParts(
  forecasts: readonly Forecast[],
  options: BinOptions = {},
): { readonly reliability: number; readonly resolution: number; readonly uncertainty: number } {
  const base = forecasts.filter(({ right }) => right).length / forecasts.length;
  let reliability = 0;
  let resolution = 0;
  for (const { rows, meanConfidence, accuracy } of reliabilityTable(forecasts, options)) {
    reliability += (rows / forecasts.length) * (meanConfidence - accuracy) ** 2;
    resolution += (rows / forecasts.length) * (accuracy - base) ** 2;
  }
  return { reliability, resolution, uncertainty: base * (1 - base) };
}
