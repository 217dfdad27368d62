import { z } from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { comparedTexts, type TextOptions, textOptionsShape } from './equality.ts';
import { countFields } from './field-counts.ts';
import { missingExpectation } from './field-scorer.ts';
import { shown } from './graded-field.ts';
import { readJsonText } from './json-leaves.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';
import { overlap } from './text-tokens.ts';

/** What the options are checked by. */
export const fieldF1Schema = z.strictObject({
  ...textOptionsShape,
  ignoreCase: z.boolean().default(true).describe('Takes upper and lower case as the same.'),
  lists: z
    .enum(['any-order', 'ordered'])
    .default('any-order')
    .describe('`any-order`: the likest items of two lists pair. `ordered`: by position.'),
  absolute: z.number().min(0).default(0).describe('Largest distance of two numbers, in their unit.'),
  relative: z
    .number()
    .min(0)
    .default(0)
    .describe('The same as a share of the expected number; the larger tolerance counts.'),
  nullIsValue: z
    .boolean()
    .default(false)
    .describe('Whether `null` is a value to be given; else it is like an absent one.'),
  version: z.string().optional().describe('Raise it when something that `normalize` calls changes.'),
});

export interface FieldF1Options extends Omit<TextOptions, 'ignoreCase'> {
  /** Takes upper and lower case as the same. @default true */
  readonly ignoreCase?: boolean | undefined;
  /** `any-order`: the likest items of two lists pair. `ordered`: by position. @default 'any-order' */
  readonly lists?: 'any-order' | 'ordered' | undefined;
  /** Largest distance of two numbers, in their unit. @default 0 */
  readonly absolute?: number | undefined;
  /** The same as a share of the expected number; the larger tolerance counts. @default 0 */
  readonly relative?: number | undefined;
  /** Whether `null` is a value to be given; else it is like an absent one. @default false */
  readonly nullIsValue?: boolean | undefined;
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/**
 * Of what was to be extracted, how much is right: the harmonic mean of precision (right of given) and recall (right of
 * expected), over every value inside the outputs, however deep. A wrong value was given and is missed; an invented one
 * lowers the precision, a missing one the recall. A day is the same as `2024-03-05`, `2024/3/5` and with midnight.
 * Precision and recall are kept as objectives.
 *
 * @param fields One output, or several that count together; texts that write JSON are read. A row without any expected
 *   value stays unscored, and an output that has none is not asked for.
 */
export function fieldF1(fields: string | readonly string[], given: FieldF1Options = {}): Scorer {
  const names = typeof fields === 'string' ? [fields] : [...fields];
  const options = resolveOptions(fieldF1Schema, given, { of: `fieldF1("${names.join('", "')}")` });
  const name = `field-f1(${names.join(', ')})`;
  return {
    name,
    version: scorerVersion(name, { ...options, texts: comparedTexts }),
    passFail: false,
    givesFeedback: true,
    expects: names,
    score({ example, outputs }) {
      const expected = example.expected ?? {};
      const asked = names.filter((field) => ownOf(expected, field) !== undefined);
      if (asked.length === 0) return missingExpectation(names.join('", "'));
      const read = (from: JsonObject) =>
        Object.fromEntries(asked.map((field) => [field, readJsonText(ownOf(from, field)) ?? null]));
      const single = asked.length === 1 && names.length === 1;
      const unwrap = (values: JsonObject): Json => (single ? (values[asked[0] ?? ''] ?? null) : values);
      const {
        right,
        given: count,
        wanted,
        faults,
      } = countFields(unwrap(read(expected)), unwrap(read(outputs)), options);
      const { precision, recall, f1 } = overlap({ shared: right, given: count, wanted });
      const objectives = { precision, recall };
      if (faults.length === 0) return { status: 'scored', value: f1, objectives };
      const more = faults.length <= mostShown ? '' : `; and ${faults.length - mostShown} more`;
      return {
        status: 'scored',
        value: f1,
        objectives,
        feedback: `${right} of ${wanted} expected values are right, ${count} were given (F1 ${shown(f1)}): ${faults.slice(0, mostShown).join('; ')}${more}.`,
      };
    },
  };
}

const mostShown = 8;
