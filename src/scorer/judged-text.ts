import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import type { Passage } from '../program/trace.ts';
import { missingExpectation } from './field-scorer.ts';
import { textOf } from './graded-field.ts';
import type { Sample, Score } from './scorer.ts';

export interface Shown {
  /** The output that is judged. @default all outputs */
  readonly field?: string | undefined;
  /** The expected field that is shown. @default none */
  readonly reference?: string | undefined;
}

/** What a judge is shown of a sample, as texts; or why it is not asked. */
export function shownValues(
  { example, outputs }: Sample,
  { field, reference }: Shown,
): { readonly status: 'shown'; readonly values: JsonObject } | Extract<Score, { status: 'unscored' }> {
  const expected = reference === undefined ? undefined : ownOf(example.expected ?? {}, reference);
  if (reference !== undefined && expected === undefined) {
    return missingExpectation(reference) as Extract<Score, { status: 'unscored' }>;
  }
  return {
    status: 'shown',
    values: {
      input: readable(example.inputs),
      answer: field === undefined ? readable(outputs) : textOf(ownOf(outputs, field)),
      ...(expected !== undefined && { reference: textOf(expected) }),
    },
  };
}

/** One value as it is, several as JSON. */
function readable(values: JsonObject): string {
  const all = Object.values(values);
  return all.length === 1 ? textOf(all[0]) : JSON.stringify(values);
}

/**
 * The passages that an answer rests on: an input field, text or list, else what the program looked up, in its order.
 * Undefined where there are none.
 */
export function passagesOf(
  { example, outputs, trace }: Sample,
  context: string | undefined,
): readonly string[] | undefined {
  if (context !== undefined) {
    const value = ownOf(example.inputs, context) ?? ownOf(outputs, context);
    const texts = listOf(value).map(passageText);
    return texts.length === 0 ? undefined : texts;
  }
  const found = trace.flatMap((step) =>
    step.kind === 'retrieve' ? step.passages.map((each) => passageText(each as Json)) : [],
  );
  return found.length === 0 ? undefined : [...new Set(found)];
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function passageText(passage: Json | Passage): string {
  if (isJsonObject(passage) && typeof passage.text === 'string') return passage.text;
  return textOf(passage as Json);
}

/** What was asked, as a text, without the passages that come with it. */
export function questionOf({ inputs }: Sample['example'], context: string | undefined): string {
  return readable(Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== context)));
}

/** The sentences of a text, without white space around them; a list item or a line is one too. */
export function sentencesOf(text: string): readonly string[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
  return text
    .split(/\n+/)
    .flatMap((line) => [...segmenter.segment(line)].map(({ segment }) => segment.trim()))
    .map((sentence) => sentence.replace(/^(?:[-*•]|\d+[.)])\s+/, ''))
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}
