import { receivedValue } from './allowed-values.ts';
import type { Json } from './json.ts';

/**
 * A value as it will be stored; undefined becomes null.
 *
 * @param notNumber What becomes of NaN and infinities. @default refused
 * @throws {TypeError} For what JSON would turn into nothing without a word: a function, a Map, an Error, NaN.
 */
export function jsonOf(value: unknown, notNumber: 'refused' | 'text' = 'refused'): Json {
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    const isNone = typeof inner === 'number' && !Number.isFinite(inner);
    if (isNone && notNumber === 'text') return String(inner);
    if (isNone || isLost(inner)) throw new TypeError(`JSON cannot say ${receivedValue(inner)}.`);
    return inner;
  });
  return text === undefined ? null : (JSON.parse(text) as Json);
}

function isLost(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return !isPlain && Object.keys(value).length === 0;
}
