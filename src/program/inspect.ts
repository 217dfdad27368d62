import { assertNever } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { isFilePart } from '../model/content.ts';
import type { CallRecord, Message } from '../model/model.ts';
import type { Trace, TraceStep } from './trace.ts';

export interface InspectOptions {
  /** How many of the last steps are shown. @default all */
  readonly last?: number | undefined;
  /** Most characters of one message or value; longer ones are cut, and it is said. @default 2_000 */
  readonly longest?: number | undefined;
}

/** What can be inspected: a prediction, several of them, or a trace. */
export type Inspected = Trace | { readonly trace: Trace } | readonly { readonly trace: Trace }[];

/**
 * The last steps of a run for people: what each was sent and said, how its answer was read, and what it took.
 *
 * @returns plain text of several lines, without an end of line at its end.
 */
export function inspect(inspected: Inspected, { last, longest = 2_000 }: InspectOptions = {}): string {
  const steps = stepsOf(inspected);
  const shown = last === undefined ? steps : last <= 0 ? [] : steps.slice(-last);
  if (shown.length === 0)
    return steps.length === 0 ? 'Nothing was asked.' : `${steps.length} steps, none shown.`;
  const left = steps.length - shown.length;
  const before = left === 0 ? [] : [`(${left} earlier step${left === 1 ? '' : 's'} not shown)`];
  return [...before, ...shown.map((step) => describeStep(step, longest))].join('\n\n');
}

function stepsOf(inspected: Inspected): Trace {
  if (!Array.isArray(inspected)) return (inspected as { readonly trace: Trace }).trace;
  return (inspected as readonly (TraceStep | { readonly trace: Trace })[]).flatMap((each) =>
    'trace' in each ? each.trace : [each],
  );
}

function describeStep(step: TraceStep, longest: number): string {
  const from = step.from === undefined ? '' : `, from ${step.from}`;
  const value = (given: Json | undefined) => cut(given === undefined ? '' : written(given), longest);
  switch (step.kind) {
    case 'predict': {
      const lines = [`── ${step.id} (${takenBy(step.calls)}${from})`];
      for (const message of step.messages ?? []) lines.push(describeMessage(message, longest));
      if (step.text !== undefined) lines.push(`[answer]\n${cut(step.text, longest)}`);
      if (step.choiceScores !== undefined) {
        const scores = step.choiceScores.map((set) => set.map((score) => score.toFixed(2)).join(' '));
        lines.push(`[choices scored]\n${scores.join('\n')}`);
      }
      lines.push(
        step.outputs === undefined
          ? '[read] nothing: the answer could not be read'
          : `[read${step.parseStep === undefined ? '' : `, ${step.parseStep}`}] ${value(step.outputs)}`,
      );
      return lines.join('\n');
    }
    case 'tool': {
      const said = step.error === undefined ? value(step.result) : `error: ${cut(step.error, longest)}`;
      return `── ${step.id} (tool ${step.name}${from})\n[given] ${value(step.arguments)}\n[gave] ${said}`;
    }
    case 'retrieve': {
      const found = step.passages.map((passage, index) => {
        const text = typeof passage === 'string' ? passage : passage.text;
        return `${index + 1}. ${cut(text, longest)}`;
      });
      return [
        `── ${step.id} (looked up${from})`,
        `[query] ${step.query}`,
        ...(found.length === 0 ? ['nothing found'] : found),
      ].join('\n');
    }
    default:
      return assertNever(step);
  }
}

function describeMessage({ role, content, toolCalls = [] }: Message, longest: number): string {
  const text =
    typeof content === 'string'
      ? content
      : content.map((part) => (part.type === 'text' ? part.text : fileNote(part))).join('');
  const calls = toolCalls.map((call) => `→ ${call.name}(${call.arguments})`);
  return [`[${role}]`, ...(text === '' ? [] : [cut(text, longest)]), ...calls].join('\n');
}

function fileNote({
  type,
  mediaType,
  name,
}: {
  readonly type: string;
  readonly mediaType: string;
  readonly name?: string | undefined;
}): string {
  return `(${type}${name === undefined ? '' : ` ${name}`}, ${mediaType})`;
}

function written(value: Json): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_, inner: unknown) => (isFilePart(inner) ? fileNote(inner) : inner));
}

function cut(text: string, longest: number): string {
  return text.length <= longest
    ? text
    : `${text.slice(0, longest)}… (${text.length - longest} characters more)`;
}

/** Unknown figures are left out, never shown as 0. */
function takenBy(calls: readonly CallRecord[]): string {
  const sum = (of: (call: CallRecord) => number | undefined): number | undefined => {
    const known = calls.map(of).filter((each) => each !== undefined);
    return known.length === 0 ? undefined : known.reduce((total, each) => total + each, 0);
  };
  const input = sum(({ usage }) => usage.inputTokens);
  const output = sum(({ usage }) => usage.outputTokens);
  const cost = sum(({ costUsd }) => costUsd);
  const cached = calls.filter((call) => call.cached).length;
  const retries = sum((call) => call.retries) ?? 0;
  const parts = [
    `${calls.length} call${calls.length === 1 ? '' : 's'}`,
    ...(input === undefined && output === undefined ? [] : [`${input ?? '?'} → ${output ?? '?'} tokens`]),
    ...(cost === undefined ? [] : [`$${cost.toFixed(6)}`]),
    `${Math.round(sum(({ latencyMs }) => latencyMs) ?? 0)} ms`,
    ...(cached === 0 ? [] : [`${cached} from the cache`]),
    ...(retries === 0 ? [] : [`${retries} tried again`]),
  ];
  return parts.join(', ');
}
