import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { comparedTexts, sameAnswer, type TextOptions, textOptionsShape } from './equality.ts';
import { gradedField, shown } from './graded-field.ts';
import { leavesOf, readJsonText } from './json-leaves.ts';
import type { Scorer } from './scorer.ts';
import { showValue } from './show-value.ts';

/** What the options are checked by. */
export const jsonDiffSchema = z.strictObject({
  ...textOptionsShape,
  atLeast: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Share of equal values from which on the score is 1, and 0 below it.')
    .meta({ defaultText: 'the share is the score' }),
  version: z.string().optional().describe('Raise it when something that `normalize` calls changes.'),
});

export interface JsonDiffOptions extends TextOptions {
  /** Share of equal values from which on the score is 1, and 0 below it. @default the share is the score */
  readonly atLeast?: number | undefined;
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/**
 * How much of a JSON value is as expected: the share of the places of both sides that hold the same, objects by key,
 * lists by position. What is missing, what is not expected and what differs each count as one place; an absent value
 * is like `null`. The feedback names the places. {@link fieldF1} pairs lists in any order.
 *
 * @param field The output, and the expected field of the same name; a text in it is read as JSON. A row without the
 *   expected value stays unscored.
 */
export function jsonDiff(field: string, given: JsonDiffOptions = {}): Scorer {
  const { atLeast, ...texts } = resolveOptions(jsonDiffSchema, given, { of: `jsonDiff("${field}")` });
  return gradedField({
    kind: 'json-diff',
    field,
    options: { ...texts, texts: comparedTexts },
    atLeast,
    compare(expected, actual) {
      const wanted = placesOf(readJsonText(expected) as Json);
      const got = placesOf(readJsonText(actual) ?? null);
      const places = new Set([...wanted.keys(), ...got.keys()]);
      if (places.size === 0) return { value: 1 };
      const differences: string[] = [];
      for (const place of places) {
        const [left, right] = [wanted.get(place), got.get(place)];
        if (left !== undefined && right !== undefined && sameAnswer(left, right, texts)) continue;
        differences.push(describe(place, left, right));
      }
      const value = 1 - differences.length / places.size;
      if (differences.length === 0) return { value };
      return {
        value,
        feedback: `${differences.length} of ${places.size} places differ (${shown(value)} equal): ${listed(differences)}.`,
      };
    },
  });
}

function placesOf(value: Json): ReadonlyMap<string, Json> {
  return new Map(
    leavesOf(value).flatMap(({ path, value: leaf }) => (leaf === null ? [] : [[path, leaf] as const])),
  );
}

function describe(place: string, expected: Json | undefined, actual: Json | undefined): string {
  const name = place === '' ? 'the value' : place;
  if (expected === undefined) return `${name} is not expected (${showValue(actual)})`;
  if (actual === undefined) return `${name} is missing (${showValue(expected)})`;
  return `${name} is ${showValue(actual)} instead of ${showValue(expected)}`;
}

const mostShown = 8;

function listed(differences: readonly string[]): string {
  const named = differences.slice(0, mostShown).join('; ');
  return differences.length <= mostShown ? named : `${named}; and ${differences.length - mostShown} more`;
}
