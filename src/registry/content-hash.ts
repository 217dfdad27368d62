import { hashJson } from '../base/hash.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { NewVersion } from './registry.ts';

/**
 * The hash of what changes behaviour: parameters and settings, with texts in Unicode's composed form and line breaks
 * as line feeds. Message, author, parents and evidence are no part of it.
 *
 * @returns SHA-256 of the canonical JSON, in hexadecimal.
 * @see RFC 8785, JSON Canonicalization Scheme.
 */
export function contentHash({
  candidate,
  settings = {},
}: Pick<NewVersion, 'candidate' | 'settings'>): string {
  return hashJson(normalised({ candidate: candidate as unknown as JsonObject, settings }));
}

/** Texts that look the same and are sent the same are the same, whatever editor wrote them. */
function normalised(value: Json | undefined): Json {
  if (typeof value === 'string') return value.normalize('NFC').replace(/\r\n?/g, '\n');
  if (Array.isArray(value)) return value.map(normalised);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value as JsonObject).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key.normalize('NFC'), normalised(item)]));
}
