/**
 * A count, cost or time as somebody else's program says it.
 *
 * @returns a finite number from 0; undefined for everything else, text included: what is not said in numbers
 *   is unknown, never 0.
 */
export function readCount(said: unknown): number | undefined {
  return typeof said === 'number' && Number.isFinite(said) && said >= 0 ? said : undefined;
}
