import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { ToolTraceStep } from '../program/trace.ts';
import { missingExpectation } from './field-scorer.ts';
import type { Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';
import { showValue } from './show-value.ts';
import { hasArguments, showCalls, stepsBefore, toolStepsOf } from './trace-steps.ts';

/** What the options are checked by. */
export const expectedToolsSchema = z.strictObject({
  order: z
    .enum(['any', 'same'])
    .default('any')
    .describe('Whether the calls must come in the order of the row.'),
  ignore: z.array(z.string()).default([]).describe('Tools whose calls neither help nor harm.'),
});

export interface ExpectedToolsOptions {
  /** Whether the calls must come in the order of the row. @default 'any' */
  readonly order?: 'any' | 'same' | undefined;
  /** Tools whose calls neither help nor harm. @default [] */
  readonly ignore?: readonly string[] | undefined;
}

interface WantedCall {
  readonly name: string;
  readonly arguments: JsonObject;
}

/**
 * How well the calls of tools fit those that the row expects: F1, so that a missing call and a needless one both count.
 * Of arguments only those that the row names are compared.
 *
 * @param field The expected value: a list of names, or of `{ name, arguments }`. An empty list expects no call; a row
 *   without it stays unscored.
 */
export function expectedTools(field: string, given: ExpectedToolsOptions = {}): Scorer {
  const options = resolveOptions(expectedToolsSchema, given, { of: `expectedTools("${field}")` });
  const name = `expected-tools(${field})`;
  return {
    name,
    version: scorerVersion(name, options),
    passFail: false,
    givesFeedback: true,
    expects: [field],
    score({ example, trace }) {
      const expected = ownOf(example.expected ?? {}, field);
      if (expected === undefined) return missingExpectation(field);
      const wanted = wantedCalls(expected);
      if (wanted === undefined) {
        const reason = `The expected "${field}" is no list of names or of { name, arguments }.`;
        return { status: 'unscored', reason };
      }
      const calls = toolStepsOf(trace).filter((call) => !options.ignore.includes(call.name));
      const matched = options.order === 'same' ? matchInOrder(wanted, calls) : matchAny(wanted, calls);
      return scoreOf(matched, { wanted, calls, steps: stepsBefore(trace, 'tool') });
    },
  };
}

function scoreOf(
  matched: ReadonlySet<WantedCall>,
  {
    wanted,
    calls,
    steps,
  }: {
    readonly wanted: readonly WantedCall[];
    readonly calls: readonly ToolTraceStep[];
    readonly steps: readonly string[];
  },
): Score {
  const all = wanted.length + calls.length;
  const value = all === 0 ? 1 : (2 * matched.size) / all;
  if (value === 1) return { status: 'scored', value };
  const missing = wanted.filter((call) => !matched.has(call));
  const needless = calls.length - matched.size;
  const feedback = [
    missing.length === 0 ? '' : `Missing: ${missing.map(showWanted).join(', ')}. `,
    needless === 0 ? '' : `Calls that were not expected: ${needless}. `,
    `In all, ${showCalls(calls)}.`,
  ].join('');
  const stepFeedback = Object.fromEntries(steps.map((step) => [step, feedback]));
  return { status: 'scored', value, feedback, ...(steps.length > 0 && { stepFeedback }) };
}

function showWanted({ name, arguments: given }: WantedCall): string {
  return Object.keys(given).length === 0 ? name : `${name}(${showValue(given)})`;
}

function fits(call: ToolTraceStep, wanted: WantedCall): boolean {
  return call.name === wanted.name && hasArguments(call.arguments, wanted.arguments);
}

/** Those with most arguments choose first, so that a plain name does not take the call of another. */
function matchAny(wanted: readonly WantedCall[], calls: readonly ToolTraceStep[]): ReadonlySet<WantedCall> {
  const left = new Set(calls);
  const matched = new Set<WantedCall>();
  const size = (call: WantedCall) => Object.keys(call.arguments).length;
  for (const one of [...wanted].sort((a, b) => size(b) - size(a))) {
    const call = [...left].find((each) => fits(each, one));
    if (call === undefined) continue;
    left.delete(call);
    matched.add(one);
  }
  return matched;
}

/** The longest common subsequence. */
function matchInOrder(
  wanted: readonly WantedCall[],
  calls: readonly ToolTraceStep[],
): ReadonlySet<WantedCall> {
  let best: readonly (readonly WantedCall[])[] = Array.from({ length: calls.length + 1 }, () => []);
  for (const one of wanted) {
    const next: (readonly WantedCall[])[] = [[]];
    for (const [index, call] of calls.entries()) {
      const without = best[index + 1] ?? [];
      const before = next[index] ?? [];
      const longer = without.length >= before.length ? without : before;
      const together = fits(call, one) ? [...(best[index] ?? []), one] : [];
      next.push(together.length > longer.length ? together : longer);
    }
    best = next;
  }
  return new Set(best.at(-1));
}

function wantedCalls(expected: Json): readonly WantedCall[] | undefined {
  const list: readonly Json[] = Array.isArray(expected) ? expected : [expected];
  const calls = list.map((each): WantedCall | undefined => {
    if (typeof each === 'string') return { name: each, arguments: {} };
    if (!isJsonObject(each) || typeof each.name !== 'string') return undefined;
    return { name: each.name, arguments: isJsonObject(each.arguments) ? each.arguments : {} };
  });
  return calls.every((call) => call !== undefined) ? calls : undefined;
}
