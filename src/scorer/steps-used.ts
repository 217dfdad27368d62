import { z } from 'zod';
import { resolveOptions } from '../base/resolve-options.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const stepsUsedSchema = z.strictObject({
  most: z.int().min(1).max(1_000).default(5).describe('Steps up to which an answer has full marks.'),
  of: z
    .enum(['model', 'tool', 'all'])
    .default('model')
    .describe('What counts as a step: asking a model, calling a tool or looking up, or both.'),
});

export interface StepsUsedOptions {
  /** Steps up to which an answer has full marks, from 1. @default 5 */
  readonly most?: number | undefined;
  /** What counts as a step: asking a model, calling a tool or looking up, or both. @default 'model' */
  readonly of?: 'model' | 'tool' | 'all' | undefined;
}

/** 1 when an answer took few steps, less in proportion with more: `most` / steps. Needs no expected value. */
export function stepsUsed(given: StepsUsedOptions = {}): Scorer {
  const options = resolveOptions(stepsUsedSchema, given, { of: 'stepsUsed' });
  const { most, of } = options;
  const name = 'steps-used';
  return {
    name,
    version: scorerVersion(name, options),
    passFail: false,
    givesFeedback: true,
    score({ trace }) {
      const steps = trace.filter(({ kind }) => of === 'all' || (kind === 'predict') === (of === 'model'));
      if (steps.length <= most) return { status: 'scored', value: 1 };
      return {
        status: 'scored',
        value: most / steps.length,
        feedback: `The answer took ${steps.length} steps; ${most} should do.`,
      };
    },
  };
}
