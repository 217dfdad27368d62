import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { passOrFail } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';
import { hasArguments, showCalls, toolStepsOf } from './trace-steps.ts';

/** What the options are checked by. */
export const toolNotCalledSchema = z.strictObject({
  arguments: z
    .record(z.string(), z.json())
    .default({})
    .describe('Only a call that was given these counts; others may be there beside them.'),
});

export interface ToolNotCalledOptions {
  /** Only a call that was given these counts; others may be there beside them. @default {} */
  readonly arguments?: JsonObject | undefined;
}

/** 1 when a tool was not called, with the arguments where some are named; else 0. Needs no expected value. */
export function toolNotCalled(tool: string, given: ToolNotCalledOptions = {}): Scorer {
  const options = resolveOptions(toolNotCalledSchema, given, { of: `toolNotCalled("${tool}")` });
  const name = `tool-not-called(${tool})`;
  return {
    name,
    version: scorerVersion(name, options),
    passFail: true,
    givesFeedback: true,
    score({ trace }) {
      const calls = toolStepsOf(trace).filter(
        (call) => call.name === tool && hasArguments(call.arguments, options.arguments as JsonObject),
      );
      return passOrFail(
        calls.length === 0
          ? { passes: true }
          : { passes: false, feedback: `The tool "${tool}" must not be called; ${showCalls(calls)}.` },
      );
    },
  };
}
