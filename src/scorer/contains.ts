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
  version: z.string().optional().describe('Raise it when something that `normalize` calls changes.'),
});

export interface ContainsOptions extends TextOptions {
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/**
 * 1 when the output contains the expected text, or every text of an expected list; else 0.
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
      const missing = wanted.filter((part) => !text.includes(comparableText(textOf(part), options)));
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
