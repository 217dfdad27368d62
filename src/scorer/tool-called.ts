import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { passOrFail } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';
import { showValue } from './show-value.ts';
import { hasArguments, showCalls, stepsBefore, toolStepsOf } from './trace-steps.ts';

/** What the options are checked by. */
export const toolCalledSchema = z.strictObject({
  arguments: z
    .record(z.string(), z.json())
    .default({})
    .describe('What the call must have been given; others may be there beside them.'),
  least: z.int().min(1).max(1_000).default(1).describe('Calls that it takes at least.'),
  most: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Calls that it may take at most.')
    .meta({ defaultText: 'no limit' }),
  succeeds: z.boolean().default(false).describe('Whether a call that ended in an error counts as none.'),
});

export interface ToolCalledOptions {
  /** What the call must have been given; others may be there beside them. @default {} */
  readonly arguments?: JsonObject | undefined;
  /** Calls that it takes at least, from 1. @default 1 */
  readonly least?: number | undefined;
  /** Calls that it may take at most, from 1. @default no limit */
  readonly most?: number | undefined;
  /** Whether a call that ended in an error counts as none. @default false */
  readonly succeeds?: boolean | undefined;
}

/** 1 when a tool was called, with the arguments and as often as asked for; else 0. Needs no expected value. */
export function toolCalled(tool: string, given: ToolCalledOptions = {}): Scorer {
  const options = resolveOptions(toolCalledSchema, given, { of: `toolCalled("${tool}")` });
  const { arguments: wanted, least, most = Number.POSITIVE_INFINITY, succeeds } = options;
  const name = `tool-called(${tool})`;
  return {
    name,
    version: scorerVersion(name, options),
    passFail: true,
    givesFeedback: true,
    score({ trace }) {
      const calls = toolStepsOf(trace);
      const fitting = calls.filter(
        (call) =>
          call.name === tool &&
          (!succeeds || call.error === undefined) &&
          hasArguments(call.arguments, wanted as JsonObject),
      );
      if (fitting.length >= least && fitting.length <= most) return passOrFail({ passes: true });
      const how = Object.keys(wanted).length === 0 ? '' : ` with ${showValue(wanted as JsonObject)}`;
      const times = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
      const feedback = `The tool "${tool}" was called${how} ${fitting.length} times instead of ${times}; ${showCalls(calls)}.`;
      return {
        status: 'scored',
        value: 0,
        feedback,
        stepFeedback: Object.fromEntries(stepsBefore(trace, 'tool').map((step) => [step, feedback])),
      };
    },
  };
}
