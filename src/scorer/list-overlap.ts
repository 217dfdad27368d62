import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { comparedTexts, sameAnswer, type TextOptions, textOptionsShape } from './equality.ts';
import { gradedField, shown } from './graded-field.ts';
import { readJsonText } from './json-leaves.ts';
import type { Scorer } from './scorer.ts';
import { showValue } from './show-value.ts';
import { overlap } from './text-tokens.ts';

const measures = ['f1', 'jaccard', 'precision', 'recall'] as const;

/** What the options are checked by. */
export const listOverlapSchema = z.strictObject({
  ...textOptionsShape,
  measure: z
    .enum(measures)
    .default('f1')
    .describe('`f1`; `jaccard`: shared of all; `precision`: right of given; `recall`: found of expected.'),
  separator: z
    .string()
    .min(1)
    .optional()
    .describe('What stands between the items of a text that is a list, such as ",".')
    .meta({ defaultText: 'a text is a list where it is JSON, else one item' }),
  version: z.string().optional().describe('Raise it when something that `normalize` calls changes.'),
});

export interface ListOverlapOptions extends TextOptions {
  /**
   * `f1`; `jaccard`: shared of all; `precision`: right of given; `recall`: found of expected. @default 'f1'
   */
  readonly measure?: 'f1' | 'jaccard' | 'precision' | 'recall' | undefined;
  /**
   * What stands between the items of a text that is a list, such as ",". @default a text is a list where it is JSON, else one item
   */
  readonly separator?: string | undefined;
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/**
 * How much of an expected list the output has, whatever the order: items pair one to one, so an item that is named
 * twice counts twice. Items may be objects. Precision and recall are kept as objectives; two empty lists are 1.
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 */
export function listOverlap(field: string, given: ListOverlapOptions = {}): Scorer {
  const { measure, separator, ...texts } = resolveOptions(listOverlapSchema, given, {
    of: `listOverlap("${field}")`,
  });
  return gradedField({
    kind: 'list-overlap',
    field,
    options: { ...texts, measure, separator, texts: comparedTexts },
    compare(expected, actual) {
      const wanted = itemsOf(expected, separator);
      const got = itemsOf(actual, separator);
      const missing = [...wanted];
      const extra = got.filter((item) => {
        const at = missing.findIndex((each) => sameAnswer(each, item, texts));
        if (at >= 0) missing.splice(at, 1);
        return at < 0;
      });
      const shared = got.length - extra.length;
      const { precision, recall, f1 } = overlap({ shared, given: got.length, wanted: wanted.length });
      const union = got.length + wanted.length - shared;
      const value = { f1, jaccard: union === 0 ? 1 : shared / union, precision, recall }[measure];
      const objectives = { precision, recall };
      if (missing.length === 0 && extra.length === 0) return { value, objectives };
      const says = [
        missing.length === 0 ? '' : `Missing: ${listed(missing)}.`,
        extra.length === 0 ? '' : `Not expected: ${listed(extra)}.`,
        `${shared} of ${wanted.length} expected items are there, among ${got.length} (${measure} ${shown(value)}).`,
      ];
      return { value, objectives, feedback: says.filter((part) => part !== '').join(' ') };
    },
  });
}

/** A value as a list: of nothing the empty one, of one thing a list of it. */
function itemsOf(value: Json | undefined, separator: string | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  if (typeof value !== 'string') return [value];
  if (value.trim() === '') return [];
  const written = readList(value);
  if (written !== undefined) return written;
  if (separator === undefined) return [value];
  return value
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readList(text: string): readonly Json[] | undefined {
  const value = readJsonText(text);
  return Array.isArray(value) ? (value as readonly Json[]) : undefined;
}

const mostShown = 5;

function listed(items: readonly Json[]): string {
  const names = items.slice(0, mostShown).map(showValue).join(', ');
  return items.length <= mostShown ? names : `${names} and ${items.length - mostShown} more`;
}
