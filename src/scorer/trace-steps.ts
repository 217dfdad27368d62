import { isJsonObject, type JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import type { RetrieveTraceStep, ToolTraceStep, Trace } from '../program/trace.ts';
import { sameAnswer } from './equality.ts';
import { showValue } from './show-value.ts';

/** The calls of tools, in their order. */
export function toolStepsOf(trace: Trace): readonly ToolTraceStep[] {
  return trace.filter((step): step is ToolTraceStep => step.kind === 'tool');
}

export function retrieveStepsOf(trace: Trace): readonly RetrieveTraceStep[] {
  return trace.filter((step): step is RetrieveTraceStep => step.kind === 'retrieve');
}

/** The names of the steps that asked a model right before something of a kind happened: whose doing it was. */
export function stepsBefore(trace: Trace, kind: 'tool' | 'retrieve'): readonly string[] {
  const names = new Set<string>();
  let last: string | undefined;
  for (const step of trace) {
    if (step.kind === 'predict') last = step.step;
    else if (step.kind === kind && last !== undefined) names.add(last);
  }
  return [...names];
}

/** Whether a call has the wanted arguments, compared as answers are; others may be there beside them. */
export function hasArguments(given: JsonObject, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const actual = ownOf(given, name);
    return isJsonObject(value) && isJsonObject(actual)
      ? hasArguments(actual, value)
      : actual !== undefined && sameAnswer(value, actual, {});
  });
}

/** The calls of a trace in one line, for feedback. */
export function showCalls(steps: readonly ToolTraceStep[]): string {
  if (steps.length === 0) return 'no tool was called';
  const shown = steps.slice(0, 8).map(({ name, arguments: given }) => `${name}(${showValue(given)})`);
  return `called were ${shown.join(', ')}${steps.length > 8 ? `, and ${steps.length - 8} more` : ''}`;
}
