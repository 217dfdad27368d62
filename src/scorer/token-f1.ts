import { z } from 'zod';
import { resolveOptions } from '../base/resolve-options.ts';
import { gradedField, shown, textOf } from './graded-field.ts';
import type { Scorer } from './scorer.ts';
import { expectedGot } from './show-value.ts';
import { overlap, sharedTokens, tokensOf } from './text-tokens.ts';

/** What the options are checked by. */
export const tokenF1Schema = z.strictObject({
  ignoreCase: z.boolean().default(true).describe('Takes upper and lower case as the same.'),
  atLeast: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('F1 from which on the score is 1, and 0 below it.')
    .meta({ defaultText: 'the F1 is the score' }),
});

export interface TokenF1Options {
  /** Takes upper and lower case as the same. @default true */
  readonly ignoreCase?: boolean | undefined;
  /** F1 from which on the score is 1, and 0 below it. @default the F1 is the score */
  readonly atLeast?: number | undefined;
}

/**
 * How many words the output shares with the expected text, whatever their order: the harmonic mean of the share of its
 * words that are expected and of the expected ones that it has, each word as often as it comes. Precision and recall
 * are kept as objectives. It knows no negation: "not refundable" and "refundable, not" are the same to it.
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 * @see Rajpurkar et al. 2016, "SQuAD", §6.1. https://arxiv.org/abs/1606.05250
 */
export function tokenF1(field: string, given: TokenF1Options = {}): Scorer {
  const { atLeast, ignoreCase } = resolveOptions(tokenF1Schema, given, { of: `tokenF1("${field}")` });
  return gradedField({
    kind: 'token-f1',
    field,
    options: { ignoreCase, tokens: 'words-2' },
    atLeast,
    compare(expected, actual) {
      const wanted = tokensOf(textOf(expected), { ignoreCase });
      const got = tokensOf(textOf(actual), { ignoreCase });
      const shared = sharedTokens(wanted, got);
      const { precision, recall, f1 } = overlap({ shared, given: got.length, wanted: wanted.length });
      const objectives = { precision, recall };
      if (f1 === 1) return { value: 1, objectives };
      return {
        value: f1,
        objectives,
        feedback: `${expectedGot(expected, actual)} ${shared} of ${wanted.length} expected words are there, among ${got.length} (F1 ${shown(f1)}).`,
      };
    },
  });
}
