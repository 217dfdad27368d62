import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { passOrFail } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';
import { showCalls, toolStepsOf } from './trace-steps.ts';

/** What the options are checked by. */
export const toolOrderSchema = z.strictObject({
  only: z.boolean().default(false).describe('Whether no other call may stand before, between or after.'),
});

export interface ToolOrderOptions {
  /** Whether no other call may stand before, between or after. @default false */
  readonly only?: boolean | undefined;
}

/**
 * 1 when tools were called in an order, else 0. Needs no expected value.
 *
 * @param tools Names, at least one; a name that stands twice must be called twice.
 * @throws {HoneError} `HONE_OPTION_INVALID` without a name.
 */
export function toolOrder(tools: readonly string[], given: ToolOrderOptions = {}): Scorer {
  const { only } = resolveOptions(toolOrderSchema, given, { of: 'toolOrder' });
  if (!Array.isArray(tools) || tools.length === 0 || tools.some((tool) => typeof tool !== 'string')) {
    throw new HoneError('toolOrder takes the names of tools, in their order.', {
      code: 'HONE_OPTION_INVALID',
      hint: "Write toolOrder(['search', 'book']).",
    });
  }
  const name = `tool-order(${tools.join(',')})`;
  return {
    name,
    version: scorerVersion(name, { tools, only }),
    passFail: true,
    givesFeedback: true,
    score({ trace }) {
      const calls = toolStepsOf(trace);
      const called = calls.map((call) => call.name);
      const passes = only
        ? called.length === tools.length && called.every((tool, index) => tool === tools[index])
        : called.reduce((next, tool) => (tool === tools[next] ? next + 1 : next), 0) === tools.length;
      const wanted = `The tools must be called in the order ${tools.join(', ')}${only ? ', and no others' : ''}`;
      return passOrFail(passes ? { passes } : { passes, feedback: `${wanted}; ${showCalls(calls)}.` });
    },
  };
}
