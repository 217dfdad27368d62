import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { TraceStep } from '../program/trace.ts';
import { passOrFail } from './field-scorer.ts';
import type { Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const noLoopsSchema = z.strictObject({
  most: z.int().min(1).max(1_000).default(1).describe('How often the same thing may be done.'),
});

export interface NoLoopsOptions {
  /** How often the same thing may be done, from 1. @default 1 */
  readonly most?: number | undefined;
}

/**
 * 1 when nothing was done over and over: the same tool with the same arguments, or the same query. Else 0. Needs no
 * expected value.
 */
export function noLoops(given: NoLoopsOptions = {}): Scorer {
  const options = resolveOptions(noLoopsSchema, given, { of: 'noLoops' });
  const name = 'no-loops';
  return {
    name,
    version: scorerVersion(name, options),
    passFail: true,
    givesFeedback: true,
    score({ trace }) {
      const times = new Map<string, number>();
      for (const step of trace) {
        const deed = deedOf(step);
        if (deed !== undefined) times.set(deed, (times.get(deed) ?? 0) + 1);
      }
      const [worst] = [...times].sort((left, right) => right[1] - left[1]);
      return passOrFail(
        worst === undefined || worst[1] <= options.most
          ? { passes: true }
          : { passes: false, feedback: `${beginningOf(worst[0])} was done ${worst[1]} times.` },
      );
    },
  };
}

function deedOf(step: TraceStep): string | undefined {
  switch (step.kind) {
    case 'tool':
      return `${step.name}(${canonicalJson(step.arguments)})`;
    case 'retrieve':
      return `Looking up “${step.query}”`;
    case 'predict':
      return undefined;
  }
}

function beginningOf(deed: string): string {
  return deed.length <= 200 ? deed : `${deed.slice(0, 199)}…`;
}
