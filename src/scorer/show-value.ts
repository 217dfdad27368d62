import { canonicalJson } from '../base/canonical-json.ts';
import type { Json } from '../base/json.ts';
import { beginningOf } from '../base/plain-text.ts';

const longest = 200;

/** A value as feedback shows it: JSON, cut to 200 characters, or `nothing`. */
export function showValue(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  const text = canonicalJson(value);
  return text.length <= longest ? text : `${beginningOf(text, longest)}… (${text.length} characters)`;
}

/** What a scorer says of a wrong answer. */
export function expectedGot(expected: Json, actual: Json | undefined): string {
  return `Expected ${showValue(expected)}, got ${showValue(actual)}.`;
}

/**
 * A sentence on the first place where two texts differ, when that cannot be seen: beyond what is shown, or in
 * signs that look alike. Empty otherwise.
 */
export function hiddenDifference(expected: Json, actual: Json | undefined): string {
  if (typeof expected !== 'string' || typeof actual !== 'string') return '';
  const wanted = [...expected];
  const given = [...actual];
  let at = 0;
  while (at < wanted.length && wanted[at] === given[at]) at += 1;
  const [left, right] = [wanted[at], given[at]];
  const isAlike =
    seen(expected) === seen(actual) || (wanted.length === given.length && mixScripts(left, right));
  if (at < longest && !isAlike) return '';
  return ` They differ at character ${at + 1}: ${nameOf(left)} was expected, ${nameOf(right)} came.`;
}

/** What a reader sees of a text: signs without ink left out, white space as one space. */
function seen(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}]+/gu, (part) => (/\s/.test(part) ? ' ' : ''))
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Whether one is a Latin letter and the other a letter that may look like it: Cyrillic о, Greek ο. */
function mixScripts(left: string | undefined, right: string | undefined): boolean {
  const isLatin = (letter: string | undefined) => letter !== undefined && /\p{Script=Latin}/u.test(letter);
  const isOther = (letter: string | undefined) =>
    letter !== undefined && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(letter);
  return (isLatin(left) && isOther(right)) || (isOther(left) && isLatin(right));
}

function nameOf(character: string | undefined): string {
  if (character === undefined) return 'the end';
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const hasInk = !/[\s\p{Cf}\p{Cc}]/u.test(character);
  return hasInk ? `“${character}” (${hex})` : hex;
}
