import { HoneError } from '../base/errors.ts';

/** Errors of Hone that say that an answer or a row of inputs cannot be used; all others are faults. */
const failuresOfRows = new Set<string>(['HONE_OUTPUT_UNPARSABLE', 'HONE_FIELD_MISSING']);

/** Most causes that are followed: a chain may be a circle. */
const longestChain = 8;

/**
 * The fault behind what was thrown, where the infrastructure and not the program is the cause: an error of
 * Hone, itself or as the cause of another. Undefined for an error of the program's own code.
 */
export function faultBehind(thrown: unknown): HoneError | undefined {
  return causesOf(thrown).find(
    (each): each is HoneError => HoneError.isInstance(each) && !failuresOfRows.has(each.code),
  );
}

/** What was thrown and its causes, the outermost first; what is no object has none. */
export function causesOf(thrown: unknown): readonly object[] {
  const chain: object[] = [];
  let next = thrown;
  while (typeof next === 'object' && next !== null && chain.length < longestChain) {
    chain.push(next);
    try {
      next = (next as { cause?: unknown }).cause;
    } catch {
      // Code of others may throw what throws when it is asked.
      break;
    }
  }
  return chain;
}
