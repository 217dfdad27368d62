import { z } from 'zod';
import { resolveOptions } from '../base/resolve-options.ts';
import { comparedTexts, sameAnswer, type TextOptions, textOptionsShape } from './equality.ts';
import { fieldScorer } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { expectedGot, hiddenDifference } from './show-value.ts';

/** What the options are checked by. */
export const exactMatchSchema = z.strictObject({
  ...textOptionsShape,
  version: z.string().optional().describe('Raise it when something that `normalize` calls changes.'),
});

export interface ExactMatchOptions extends TextOptions {
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/**
 * 1 when the output is the expected answer, else 0. By default case counts, white space at the ends does not,
 * `"12.50"` is the number 12.5, and lists and objects are compared deep.
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 */
export function exactMatch(field: string, given: ExactMatchOptions = {}): Scorer {
  const options = resolveOptions(exactMatchSchema, given, { of: `exactMatch("${field}")` });
  return fieldScorer({
    kind: 'exact-match',
    field,
    options: { ...options, texts: comparedTexts },
    compare: (expected, actual) =>
      sameAnswer(expected, actual, options)
        ? { passes: true }
        : {
            passes: false,
            feedback: `${expectedGot(expected, actual)}${hiddenDifference(expected, actual)}`,
          },
  });
}
