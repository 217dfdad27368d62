import { decimalOf, isBeyondExact } from '../base/decimal.ts';
import type { Json } from '../base/json.ts';
import { plainText, trimUnseen } from '../base/plain-text.ts';

const plainNumber = /^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?(e[+-]?\d+)?$/i;

/**
 * The number that a value is or writes: `12`, `"12.50"`, `"1,234.5"`, `"1e-3"`. Undefined for everything else:
 * units and signs change what a number means, so `"60%"` is not 60 and `"$5"` is not 5.
 */
export function readNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const text = typeof value === 'string' ? writtenNumber(value) : undefined;
  if (text === undefined) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * Whether two values that are numbers, or write one, are the same number. Whole numbers beyond 2^53 are compared
 * digit by digit, as far as they are given as text.
 */
export function sameNumber(left: Json, right: Json): boolean {
  const [a, b] = [readNumber(left), readNumber(right)];
  if (a === undefined || a !== b) return false;
  const texts = [left, right].map((value) =>
    typeof value === 'string' ? writtenNumber(value) : String(value),
  );
  if (!texts.some((text) => text !== undefined && isBeyondExact(text))) return true;
  const [first, second] = texts.map((text) => decimalOf(text ?? ''));
  return first === second;
}

/** The digits of a text that is a number, without the commas between groups of three. */
function writtenNumber(value: string): string | undefined {
  const text = trimUnseen(plainText(value));
  if (text.length > 400 || !plainNumber.test(text) || !/\d/.test(text)) return undefined;
  return text.replaceAll(',', '');
}
