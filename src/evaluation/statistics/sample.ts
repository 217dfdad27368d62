import { HoneError } from '../../base/errors.ts';

/** Numbers in a row, whatever holds them. */
export type Values = ArrayLike<number>;

/** An interval, lower bound first. */
export type Interval = readonly [number, number];

/** How sure an interval is. */
export interface ConfidenceOptions {
  /** Share of such intervals that hold the true value, 0 to 1. @default 0.95 */
  readonly confidence?: number | undefined;
}

export const defaultConfidence = 0.95;

/**
 * Refuses a sample that says nothing.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when `size` is below `least`.
 */
export function requireSample(statistic: string, size: number, least = 1): void {
  if (size >= least) return;
  throw new HoneError(
    `The ${statistic} needs at least ${least} scored row${least === 1 ? '' : 's'}, got ${size}.`,
    {
      code: 'HONE_EMPTY_SAMPLE',
      hint: 'Give it more rows with an expected answer, or see in the report why rows were left out.',
      facts: { rows: size, least },
    },
  );
}
