import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** SHA-256 of a text, in hexadecimal. */
export function sha256(text: string | Uint8Array): string {
  return hash('sha256', text, 'hex');
}

/** SHA-256 of a JSON value: equal values, equal hash, whatever the order of their keys. */
export function hashJson(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** A type that only its constructor function makes. */
export type Branded<Value, Brand extends string> = Value & { readonly __brand: Brand };
