import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { fieldScorer } from './field-scorer.ts';
import { readNumber, sameNumber } from './read-number.ts';
import type { Scorer } from './scorer.ts';
import { expectedGot, showValue } from './show-value.ts';

/** What the options are checked by. */
export const numericSchema = z.strictObject({
  absolute: z.number().min(0).default(0).describe('Largest distance from the expected number, in its unit.'),
  relative: z
    .number()
    .min(0)
    .default(0)
    .describe('Largest distance as a share of the expected number; the larger tolerance counts.'),
});

export interface NumericOptions {
  /** Largest distance from the expected number, in its unit. @default 0 */
  readonly absolute?: number | undefined;
  /** Largest distance as a share of the expected number; the larger tolerance counts. @default 0 */
  readonly relative?: number | undefined;
}

/**
 * 1 when the output is the expected number, to the last digit or within the tolerance that is asked for, else 0.
 * An output that is no number scores 0.
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 * @throws {HoneError} `HONE_OPTION_INVALID` for a negative tolerance; when scoring, `HONE_SCORER_FAILED` for an
 * expected value that is no number.
 */
export function numeric(field: string, options: NumericOptions = {}): Scorer {
  const { absolute, relative } = resolveOptions(numericSchema, options, { of: `numeric("${field}")` });
  return fieldScorer({
    kind: 'numeric',
    field,
    options: { absolute, relative },
    compare(expected, actual, { example }) {
      const wanted = readNumber(expected);
      if (wanted === undefined) {
        throw new HoneError(
          `numeric("${field}"): the expected value of row ${example.id} is no number: ${showValue(expected)}.`,
          {
            code: 'HONE_SCORER_FAILED',
            hint: 'Write plain numbers in that column, without units, or score it with exactMatch.',
            facts: { field, exampleId: example.id },
          },
        );
      }
      const given = readNumber(actual);
      if (given === undefined)
        return { passes: false, feedback: `${expectedGot(expected, actual)} That is no number.` };
      const isExact = absolute === 0 && relative === 0;
      if (isExact ? sameNumber(expected, actual ?? null) : isWithin(given, wanted, { absolute, relative })) {
        return { passes: true };
      }
      const distance = Math.abs(given - wanted);
      if (distance === 0) {
        return {
          passes: false,
          feedback: `${expectedGot(expected, actual)} They differ in digits that a number does not keep.`,
        };
      }
      const side = given > wanted ? 'high' : 'low';
      return {
        passes: false,
        feedback: `${expectedGot(expected, actual)} That is too ${side} by ${Number(distance.toPrecision(6))}.`,
      };
    },
  });
}

/** The edge of the tolerance passes although 1.1 − 1 is a little more than 0.1 in binary. */
function isWithin(
  given: number,
  wanted: number,
  { absolute, relative }: { readonly absolute: number; readonly relative: number },
): boolean {
  const rounding = 1e-12 * Math.max(Math.abs(given), Math.abs(wanted));
  return Math.abs(given - wanted) <= Math.max(absolute, relative * Math.abs(wanted)) + rounding;
}
