import { canonicalJson } from '../base/canonical-json.ts';
import type { Json } from '../base/json.ts';
import { comparableText, comparedTexts, type TextOptions } from './equality.ts';
import { fieldScorer } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { showValue } from './show-value.ts';

export interface ContainsOptions extends TextOptions {
  /** Raise it when something that `normalize` calls changes. */
  readonly version?: string | undefined;
}

/**
 * 1 when the output contains the expected text, or every text of an expected list; else 0.
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 */
export function contains(field: string, options: ContainsOptions = {}): Scorer {
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
