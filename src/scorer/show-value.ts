import { canonicalJson } from '../base/canonical-json.ts';
import type { Json } from '../base/json.ts';

const longest = 200;

/** A value as feedback shows it: JSON, cut to 200 characters, or `nothing`. */
export function showValue(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  const text = canonicalJson(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
}

/** What a scorer says of a wrong answer. */
export function expectedGot(expected: Json, actual: Json | undefined): string {
  return `Expected ${showValue(expected)}, got ${showValue(actual)}.`;
}
