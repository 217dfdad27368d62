import { z } from 'zod';
import { editDistance, sharedEnds } from '../base/closest-match.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { comparableText, comparedTexts, type TextOptions, textOptionsShape } from './equality.ts';
import { gradedField, shown, textOf } from './graded-field.ts';
import type { Scorer } from './scorer.ts';
import { expectedGot } from './show-value.ts';

const atLeastOption = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .describe('Likeness from which on the score is 1, and 0 below it.')
  .meta({ defaultText: 'the likeness is the score' });

/** What the options are checked by. */
export const editSimilaritySchema = z.strictObject({
  ...textOptionsShape,
  atLeast: atLeastOption,
  version: z.string().optional().describe('Raise it when something that `normalize` calls changes.'),
});

export interface EditSimilarityOptions extends TextOptions {
  /** Likeness from which on the score is 1, and 0 below it. @default the likeness is the score */
  readonly atLeast?: number | undefined;
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/** Steps of the comparison that are made at most: texts of some 14,000 letters that share no end. */
const mostSteps = 200_000_000;

/**
 * How near the output's text is to the expected one: 1 − edits / letters of the longer text, 0 to 1. An edit
 * inserts, deletes or replaces one letter. Values that are no text are compared in their JSON form. Of texts too long
 * to compare whole only what they share at their ends counts, which the feedback says.
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 * @see Levenshtein 1966, "Binary codes capable of correcting deletions, insertions, and reversals".
 */
export function editSimilarity(field: string, given: EditSimilarityOptions = {}): Scorer {
  const { atLeast, ...options } = resolveOptions(editSimilaritySchema, given, {
    of: `editSimilarity("${field}")`,
  });
  return gradedField({
    kind: 'edit-similarity',
    field,
    options: { ...options, texts: comparedTexts },
    atLeast,
    compare(expected, actual) {
      const wanted = [...comparableText(textOf(expected), options)];
      const got = [...comparableText(textOf(actual), options)];
      const longest = Math.max(wanted.length, got.length);
      if (longest === 0) return { value: 1 };
      const { start, end } = sharedEnds(wanted, got);
      const shared = start + end;
      const isTooLong = (wanted.length - shared) * (got.length - shared) > mostSteps;
      const edits = isTooLong ? longest - shared : editDistance(wanted, got);
      const value = 1 - edits / longest;
      if (edits === 0) return { value };
      const count = isTooLong
        ? 'The texts are too long to compare whole; only what they share at both ends counts'
        : `${edits} of ${longest} letters differ`;
      return { value, feedback: `${expectedGot(expected, actual)} ${count} (${shown(value)} alike).` };
    },
  });
}
