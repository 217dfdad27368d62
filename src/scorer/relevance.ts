import { z } from 'zod';
import { resolveOptions } from '../base/resolve-options.ts';
import { type Judge, judge } from './judge.ts';

/** What the options are checked by. */
export const relevanceSchema = z.strictObject({
  field: z
    .string()
    .min(1)
    .optional()
    .describe('The output that is judged.')
    .meta({ defaultText: 'all outputs' }),
  name: z.string().min(1).default('relevance').describe('What it is called.'),
});

export interface RelevanceOptions {
  /** The output that is judged. @default all outputs */
  readonly field?: string | undefined;
  /** What it is called. @default 'relevance' */
  readonly name?: string | undefined;
}

/**
 * A judge says whether an answer is about what was asked: 1 where all of it is, 0.5 where a part is, 0 where it is
 * about something else or evades. Says nothing of whether it is right. Needs no expected answer.
 */
export function relevance(given: RelevanceOptions = {}): Judge {
  const { field, name } = resolveOptions(relevanceSchema, given, { of: 'relevance' });
  return judge(name, {
    question:
      'Say how much of the answer is about what the input asks, whether it is right or not: `relevant` where all of it serves the question, `partly` where it serves the question and says other things too, or serves a part of it, `irrelevant` where it is about something else, evades the question, or is empty.',
    choices: { relevant: 1, partly: 0.5, irrelevant: 0 },
    field,
  });
}
