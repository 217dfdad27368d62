import type { Json } from '../base/json.ts';

const plainNumber = /^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * The number that a value is or writes: `12`, `"12.50"`, `"1,234.5"`, `"1e-3"`. Undefined for everything else:
 * units and signs change what a number means, so `"60%"` is not 60 and `"$5"` is not 5.
 */
export function readNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!plainNumber.test(text) || !/\d/.test(text)) return undefined;
  const number = Number(text.replaceAll(',', ''));
  return Number.isFinite(number) ? number : undefined;
}
