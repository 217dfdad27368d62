import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Outcome } from '../evaluation/evaluation.ts';
import { readSnapshot } from '../evaluation/snapshot.ts';
import type { CallRecord, Message } from '../model/model.ts';
import type { Trace, TraceStep } from '../program/trace.ts';
import { readRun } from './experiment-view.ts';
import { type StoredRow, textOf } from './row-index.ts';
import type { Setting } from './setting.ts';
import type { FieldView, MessageView, ReasonView, RowView, SpanView } from './views.ts';

export interface RowReference {
  readonly run: string;
  readonly row: string;
  readonly trial: number;
  /** Of an optimization: which candidate's answer. @default the first that was stored */
  readonly candidate?: string | undefined;
}

/**
 * One answered row with all that is kept of it.
 *
 * @throws {HoneError} `HONE_RUN_NOT_FOUND` for a row that this run has not answered.
 */
export async function rowView(
  setting: Setting,
  { run, row, trial, candidate }: RowReference,
): Promise<RowView> {
  const record = await readRun(setting, run);
  const index = await setting.indexes.open(run, candidate);
  const indexed = index?.byId(row);
  const key = { candidate: index?.candidate ?? '', example: row, trial, scorer: index?.scorer ?? '' };
  const [found] = indexed === undefined ? [] : await setting.workspace.store.outcomes.get(run, [key]);
  if (found === undefined || indexed === undefined) {
    throw new HoneError(`The run ${run} has no answer to the row ${row}, trial ${trial + 1}.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: 'Choose one of the rows of its table.',
    });
  }
  // The store holds what this program wrote into it.
  const stored = JSON.parse(found.outcome) as StoredRow;
  const { inputs = {}, outcome, others = {}, trace, usage } = stored;
  const first = readSnapshot(record.snapshot)?.scorers[0]?.name ?? 'score';
  return {
    id: row,
    trial,
    trials: indexed.trials.length,
    status: indexed.status,
    inputs: Object.entries(inputs).map(([name, value]) => ({ name, value: textOf(value) })),
    fields: fieldsOf(stored),
    raw: outcome.status === 'failed' && outcome.text !== '' ? outcome.text : undefined,
    reasons: [reasonOf(first, outcome), ...Object.entries(others).map(([name, of]) => reasonOf(name, of))],
    spans: (trace ?? []).map(spanOf),
    traceNote:
      trace === undefined
        ? 'The messages of this answer were not kept: it was lost, or the run asked more than 5,000 answers or was made without traces.'
        : undefined,
    latencyMs: usage.latencyMs,
    costUsd: usage.costUsd,
    calls: usage.calls,
    cachedCalls: usage.cachedCalls,
    retries: usage.retries,
    keys: usage.requests.flatMap((request) => (request.key === undefined ? [] : [request.key])),
  };
}

export function fieldsOf({
  outputs = {},
  expected = {},
}: Pick<StoredRow, 'outputs' | 'expected'>): readonly FieldView[] {
  const names = [...new Set([...Object.keys(outputs), ...Object.keys(expected)])];
  return names.map((name) => {
    const [output, wanted] = [outputs[name], expected[name]];
    return {
      name,
      ...(output !== undefined && { output: textOf(output) }),
      ...(wanted !== undefined && { expected: textOf(wanted) }),
      ...(wanted !== undefined && { isRight: output !== undefined && textOf(output) === textOf(wanted) }),
    };
  });
}

export function reasonOf(scorer: string, outcome: Outcome): ReasonView {
  switch (outcome.status) {
    case 'scored':
    case 'failed':
      return { scorer, status: outcome.status, value: outcome.value, feedback: outcome.feedback };
    case 'unscored':
      return { scorer, status: outcome.status, feedback: outcome.reason };
    case 'infrastructure-error':
      return {
        scorer,
        status: outcome.code,
        feedback: [outcome.reason, outcome.hint].filter(Boolean).join(' '),
      };
  }
}

export function spanOf(step: Trace[number]): SpanView {
  return { ...figuresOf(step), ...textsOf(step) };
}

function figuresOf(step: TraceStep) {
  const calls: readonly CallRecord[] = step.kind === 'predict' ? step.calls : [];
  const sum = (of: (call: CallRecord) => number | undefined) =>
    calls.reduce<number | undefined>((total, call) => {
      const value = of(call);
      return total === undefined || value === undefined ? undefined : total + value;
    }, 0);
  return {
    id: step.id,
    latencyMs: sum(({ latencyMs }) => latencyMs) ?? 0,
    costUsd: calls.length === 0 ? undefined : sum(({ costUsd }) => costUsd),
    inputTokens: calls.length === 0 ? undefined : sum(({ usage }) => usage.inputTokens),
    outputTokens: calls.length === 0 ? undefined : sum(({ usage }) => usage.outputTokens),
    isCached: calls.length > 0 && calls.every(({ cached }) => cached === true),
    retries: sum(({ retries = 0 }) => retries) ?? 0,
  };
}

function textsOf(step: TraceStep): Pick<SpanView, 'kind' | 'name' | 'messages'> & Partial<SpanView> {
  switch (step.kind) {
    case 'predict':
      return {
        kind: 'predict',
        name: step.step,
        messages: (step.messages ?? []).map(messageView),
        reply: step.text,
        choices: step.choiceScores,
        inputs: step.inputs,
        outputs: step.outputs,
      };
    case 'tool':
      return {
        kind: 'tool',
        name: step.name,
        messages: [],
        inputs: step.arguments,
        reply: step.result === undefined ? undefined : textOf(step.result),
        error: step.error,
      };
    case 'retrieve':
      return {
        kind: 'retrieve',
        name: step.query,
        messages: [],
        reply: step.passages
          .map((passage) => (typeof passage === 'string' ? passage : passage.text))
          .join('\n\n'),
      };
  }
}

function messageView({ role, content }: Message): MessageView {
  if (typeof content === 'string') return { role, text: content };
  const parts = content as readonly (JsonObject & { readonly type?: string; readonly text?: string })[];
  return { role, text: parts.map(({ type, text }) => text ?? `[${type}]`).join('\n') };
}
