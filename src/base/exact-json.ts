import { isBeyondExact } from './decimal.ts';
import type { Json } from './json.ts';

/**
 * JSON, in which a whole number with more digits than a `number` keeps becomes the text of these digits: two order
 * numbers that differ stay different.
 *
 * @throws {SyntaxError} As `JSON.parse`.
 */
export function parseExactJson(text: string): Json {
  return JSON.parse(/\d{16}/.test(text) ? quoteLongNumbers(text) : text) as Json;
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/gs;

function quoteLongNumbers(text: string): string {
  return text.replace(stringOrNumber, (found) =>
    found.startsWith('"') || !isBeyondExact(found) ? found : `"${found}"`,
  );
}
