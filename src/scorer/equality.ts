import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { plainText, trimUnseen } from '../base/plain-text.ts';
import { anyFunction } from '../base/resolve-options.ts';
import { readNumber, sameNumber } from './read-number.ts';

/** How texts are made alike before they are compared. */
export interface TextOptions {
  /** Leaves out white space, and signs that are not seen, at both ends. @default true */
  readonly trim?: boolean | undefined;
  /** Takes upper and lower case as the same. @default false */
  readonly ignoreCase?: boolean | undefined;
  /** Applied to both texts, before the other options. @default `plainText`: NFKC, one kind of quote, hyphen, space */
  readonly normalize?: ((text: string) => string) | undefined;
}

/** How texts are compared where nothing else is asked for: part of the identity of what compares them. */
export const comparedTexts = 'plain';

/** What text options are checked by. */
export const textOptionsShape = {
  trim: z.boolean().default(true).describe('Leaves out white space at both ends.'),
  ignoreCase: z.boolean().default(false).describe('Takes upper and lower case as the same.'),
  normalize: anyFunction
    .optional()
    .describe('Applied to both texts, before the other options; in code only.')
    .meta({
      allowed: 'a function',
      defaultText: '`plainText`: NFKC, one kind of quote, hyphen, space',
    }) as z.ZodType<TextOptions['normalize']>,
};

/** The text as it is compared. */
export function comparableText(text: string, options: TextOptions): string {
  const { trim = true, ignoreCase = false, normalize = plainText } = options;
  const normalized = normalize(text);
  const trimmed = trim ? trimUnseen(normalized) : normalized;
  return ignoreCase ? trimmed.toLowerCase() : trimmed;
}

/**
 * Whether two JSON values are the same answer. Of equal types: texts as {@link TextOptions} say, numbers and
 * booleans by value and to the last digit, lists by position, objects by key in any order, an absent key like `null`. A text stands
 * for the number, boolean, list or object that it writes, as tables hold only texts.
 */
export function sameAnswer(
  expected: Json | undefined,
  actual: Json | undefined,
  options: TextOptions,
): boolean {
  const left = expected ?? null;
  const right = actual ?? null;
  if (typeof left === 'string' && typeof right === 'string') {
    return comparableText(left, options) === comparableText(right, options);
  }
  if (typeof left === 'string') return sameAsText(right, left, options);
  if (typeof right === 'string') return sameAsText(left, right, options);
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length && left.every((item, index) => sameAnswer(item, right[index], options))
    );
  }
  if (isJsonObject(left) && isJsonObject(right)) return sameObject(left, right, options);
  return left === right;
}

function sameObject(left: JsonObject, right: JsonObject, options: TextOptions): boolean {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    sameAnswer(left[key], right[key], options),
  );
}

function sameAsText(value: Json, text: string, options: TextOptions): boolean {
  if (value === null) return false;
  if (typeof value === 'number') return readNumber(text) !== undefined && sameNumber(text, value);
  if (typeof value === 'boolean') return text.trim().toLowerCase() === String(value);
  const written = readJson(text);
  return written !== undefined && typeof written !== 'string' && sameAnswer(written, value, options);
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
