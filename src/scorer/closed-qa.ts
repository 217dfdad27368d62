import { z } from 'zod';
import { resolveOptions } from '../base/resolve-options.ts';
import { type Judge, judge } from './judge.ts';

/** What the options are checked by. */
export const closedQaSchema = z.strictObject({
  criterion: z
    .string()
    .min(1)
    .default('It answers what was asked, correctly and completely.')
    .describe('What the answer has to meet.'),
  field: z
    .string()
    .min(1)
    .optional()
    .describe('The output that is judged.')
    .meta({ defaultText: 'all outputs' }),
  name: z.string().min(1).default('closed-qa').describe('What it is called.'),
});

export interface ClosedQaOptions {
  /** What the answer has to meet. @default 'It answers what was asked, correctly and completely.' */
  readonly criterion?: string | undefined;
  /** The output that is judged. @default all outputs */
  readonly field?: string | undefined;
  /** What it is called. @default 'closed-qa' */
  readonly name?: string | undefined;
}

/** A judge says whether an answer meets one criterion: 1 for yes, 0 for no. Needs no expected answer. */
export function closedQa(given: ClosedQaOptions = {}): Judge {
  const { criterion, field, name } = resolveOptions(closedQaSchema, given, { of: 'closedQa' });
  return judge(name, {
    question: `Say whether the answer to the input meets this criterion, wholly: ${criterion} Answer yes only where it does; no where it does in part, or where you cannot tell.`,
    choices: { yes: 1, no: 0 },
    field,
  });
}
