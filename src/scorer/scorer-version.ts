import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/hash.ts';

/**
 * What a scorer does, as one text: its name and every option. Functions count by their source text, which does
 * not hold what they close over: hence `version` options where functions are taken.
 */
export function scorerVersion(name: string, options: Readonly<Record<string, unknown>> = {}): string {
  return `${name} ${canonicalJson(plain(options))}`;
}

function plain(value: unknown): unknown {
  if (typeof value === 'function') return `function:${sha256(String(value)).slice(0, 16)}`;
  if (value instanceof RegExp) return String(value);
  // A number that JSON cannot write would otherwise look like null.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
