import { requireSample, type Values } from './sample.ts';

/**
 * Arithmetic mean.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no value.
 */
export function mean(values: Values): number {
  requireSample('mean', values.length);
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / values.length;
}

/**
 * Standard deviation of a sample (n − 1 in the denominator), in two passes; 0 for a single value.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no value.
 */
export function standardDeviation(values: Values): number {
  const centre = mean(values);
  if (values.length === 1) return 0;
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) squares += ((values[index] ?? 0) - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
