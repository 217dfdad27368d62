import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import type { Json } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { comparableText, comparedTexts, type TextOptions, textOptionsShape } from './equality.ts';
import { fieldScorer } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { showValue } from './show-value.ts';

/** What the options are checked by. */
export const containsSchema = z.strictObject({
  ...textOptionsShape,
  wholeWords: z
    .boolean()
    .default(true)
    .describe('Whether a part of a word or of a number is no match: `5 EUR` is not in `15 EUR`.'),
  version: z.string().optional().describe('Raise it when something that `normalize` calls changes.'),
});

export interface ContainsOptions extends TextOptions {
  /** Whether a part of a word or of a number is no match: `5 EUR` is not in `15 EUR`. @default true */
  readonly wholeWords?: boolean | undefined;
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/**
 * 1 when the output contains the expected text, or every text of an expected list; else 0. It knows no negation: "no
 * refund" contains "refund".
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 */
export function contains(field: string, given: ContainsOptions = {}): Scorer {
  const options = resolveOptions(containsSchema, given, { of: `contains("${field}")` });
  return fieldScorer({
    kind: 'contains',
    field,
    options: { ...options, texts: comparedTexts },
    compare(expected, actual) {
      const text = comparableText(textOf(actual), options);
      const wanted: readonly Json[] = Array.isArray(expected) ? expected : [expected];
      const missing = wanted.filter(
        (part) => !isIn(text, comparableText(textOf(part), options), options.wholeWords),
      );
      if (missing.length === 0) return { passes: true };
      return {
        passes: false,
        feedback: `The answer lacks ${missing.map(showValue).join(', ')}; got ${showValue(actual)}.`,
      };
    },
  });
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : canonicalJson(value);
}

const letter = /[\p{L}\p{M}\p{N}_]/u;
/** Scripts that write no space between words: whose words end where cannot be told from the signs. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Whether a text stands in another; with `wholeWords` not as a part of a longer word or number. */
function isIn(text: string, wanted: string, wholeWords: boolean): boolean {
  // Nothing is in every text; it is only the answer where the answer is nothing.
  if (wanted === '') return text === '';
  if (!wholeWords) return text.includes(wanted);
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (
      !joinsBefore(text.slice(Math.max(0, at - 3), at), wanted) &&
      !joinsAfter(text.slice(end, end + 3), wanted)
    ) {
      return true;
    }
  }
  return false;
}

function joinsBefore(before: string, wanted: string): boolean {
  const [first = ''] = wanted;
  const last = [...before].at(-1) ?? '';
  if (!letter.test(first) || unspaced.test(first)) return false;
  if (letter.test(last)) return !unspaced.test(last);
  // A digit after a separator, or after a sign that is no hyphen, is another number.
  return /\d/.test(first) && (/\d[.,]$/.test(before) || /(?:^|[^\p{L}\p{N}])[-+]$/u.test(before));
}

function joinsAfter(after: string, wanted: string): boolean {
  const last = [...wanted].at(-1) ?? '';
  const [next = ''] = after;
  if (!letter.test(last) || unspaced.test(last)) return false;
  if (letter.test(next)) return !unspaced.test(next);
  return /\d/.test(last) && /^[.,]\d/.test(after);
}
