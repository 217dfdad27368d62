import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { Passage } from '../program/trace.ts';
import { missingExpectation } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';
import { retrieveStepsOf, stepsBefore } from './trace-steps.ts';

/** What the options are checked by. */
export const retrievedPassagesSchema = z.strictObject({
  key: z
    .string()
    .min(1)
    .default('id')
    .describe('What of a passage the row names; a plain text names itself.'),
});

export interface RetrievedPassagesOptions {
  /** What of a passage the row names; a plain text names itself. @default 'id' */
  readonly key?: string | undefined;
}

/**
 * Recall: the share of the passages that the row expects that were retrieved, by whichever query.
 *
 * @param field The expected value: the name of a passage, or a list of them; a row without it stays unscored.
 */
export function retrievedPassages(field: string, given: RetrievedPassagesOptions = {}): Scorer {
  const { key } = resolveOptions(retrievedPassagesSchema, given, { of: `retrievedPassages("${field}")` });
  const name = `retrieved-passages(${field})`;
  return {
    name,
    version: scorerVersion(name, { key }),
    passFail: false,
    givesFeedback: true,
    expects: [field],
    score({ example, trace }) {
      const expected = ownOf(example.expected ?? {}, field);
      const wanted: readonly Json[] = Array.isArray(expected) ? expected : [expected ?? null];
      if (expected === undefined || wanted.length === 0) return missingExpectation(field);
      const retrieved = retrieveStepsOf(trace);
      const found = new Set(retrieved.flatMap(({ passages }) => passages.map((each) => nameOf(each, key))));
      const missing = [...new Set(wanted.map(String))].filter((each) => !found.has(each));
      const value = 1 - missing.length / new Set(wanted.map(String)).size;
      if (missing.length === 0) return { status: 'scored', value };
      const queries = retrieved.map(({ query }) => `“${query.slice(0, 120)}”`).join(', ');
      const feedback = `Not retrieved: ${missing.join(', ')}. ${retrieved.length === 0 ? 'Nothing was looked up.' : `Looked up: ${queries}.`}`;
      const steps = stepsBefore(trace, 'retrieve');
      const stepFeedback = Object.fromEntries(steps.map((step) => [step, feedback]));
      return { status: 'scored', value, feedback, ...(steps.length > 0 && { stepFeedback }) };
    },
  };
}

function nameOf(passage: Passage, key: string): string {
  return typeof passage === 'string' ? passage : String(ownOf(passage, key) ?? passage.text);
}
