import { createRandom } from '../base/random.ts';

/** A curve of how often each difference comes out when the paired rows are drawn again. */
export interface DifferenceCurve {
  readonly resamples: number;
  /** Differences of means, evenly spaced. */
  readonly at: readonly number[];
  /** Relative heights, the highest 1. */
  readonly heights: readonly number[];
}

const resamples = 3_000;
const steps = 81;
/** Beyond as many rows the normal curve is the same to the eye. */
const mostDrawn = 5_000;
/** Fewer pairs make no curve. */
const fewest = 30;

/** @returns undefined below 30 pairs, or where all differences are equal. */
export function differenceCurve(differences: readonly number[]): DifferenceCurve | undefined {
  const rows = differences.length;
  if (rows < fewest) return undefined;
  const mean = differences.reduce((sum, value) => sum + value, 0) / rows;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (rows - 1) / rows);
  if (!(error > 0)) return undefined;
  const at = Array.from({ length: steps }, (_, index) => mean + (index / (steps - 1) - 0.5) * 8 * error);
  const means = rows > mostDrawn ? undefined : drawMeans(differences);
  // Silverman's width would smooth a curve of so many means to the same shape.
  const width = error * 0.28;
  const heights = at.map((x) =>
    means === undefined
      ? Math.exp(-0.5 * ((x - mean) / error) ** 2)
      : means.reduce((sum, value) => sum + Math.exp(-0.5 * ((x - value) / width) ** 2), 0),
  );
  const highest = Math.max(...heights);
  return {
    resamples: means === undefined ? 0 : resamples,
    at,
    heights: heights.map((height) => height / highest),
  };
}

function drawMeans(differences: readonly number[]): readonly number[] {
  const random = createRandom('studio/difference-curve');
  const rows = differences.length;
  return Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let index = 0; index < rows; index += 1) sum += differences[random.integer(rows)] ?? 0;
    return sum / rows;
  });
}
