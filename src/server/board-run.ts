import { mapConcurrently } from '../base/concurrency.ts';
import { HoneError } from '../base/errors.ts';
import { runBudget } from '../config/run-budget.ts';
import type { Example } from '../dataset/dataset.ts';
import { answerRow, type RowTask } from '../evaluation/answer-row.ts';
import type { RowResult } from '../evaluation/evaluation.ts';
import { callPath } from '../model/middleware/call-path.ts';
import { createSpendLedger, type SpendLedger } from '../model/middleware/spend-limit.ts';
import { type CallRecord, type Model, type ModelCall, wrapCalls } from '../model/model.ts';
import { hashCandidate } from '../prompt/candidate.ts';
import type { BoardEvent, CellView, FaultText } from './board-views.ts';
import { type BoardTable, type BoardVariant, faultText } from './boards.ts';
import { scoreOf, statusOf } from './row-index.ts';
import { fieldsOf, reasonOf, spanOf } from './row-view.ts';
import type { Setting } from './setting.ts';

export interface BoardRunRequest {
  readonly table: BoardTable;
  readonly variants: readonly BoardVariant[];
  readonly cells: readonly { readonly variant: string; readonly row: string }[];
  /** Calls that were not stored already. */
  readonly maxCalls: number;
  /** @default as `hone eval`: one dollar where a model costs money */
  readonly budgetUsd?: number | 'none' | undefined;
}

/** What a run may spend, all variants together. */
interface Purse {
  /** Made, not counting answers that were stored already. */
  calls: number;
  readonly maxCalls: number;
  ledger?: SpendLedger;
}

/** Most cells in work at once. */
const atOnce = 8;

/** A variant that is ready, or why it is not. */
type Ready =
  | { readonly task: RowTask; readonly rows: ReadonlyMap<string, Example> }
  | { readonly fault: FaultText };

/**
 * Asks for cells with the same step that answers a row of an evaluation: its reader, scorers, retries and stored
 * answers. Nothing but the answers is stored. What goes wrong with one cell is told in that cell.
 */
export async function runBoard(
  setting: Pick<Setting, 'boards' | 'workspace' | 'clock'>,
  request: BoardRunRequest,
  { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: (event: BoardEvent) => void },
): Promise<void> {
  const { variants, cells, maxCalls } = request;
  const purse: Purse = { calls: 0, maxCalls };
  const ready = new Map<string, Ready>();
  for (const variant of variants)
    ready.set(variant.id, await prepare(setting, request, { variant, signal, purse }));
  let spentUsd: number | undefined = 0;
  const widths = [...ready.values()].map((of) =>
    'task' in of ? (of.task.model.maxConcurrency ?? atOnce) : atOnce,
  );

  const work = async ({ variant, row }: { readonly variant: string; readonly row: string }) => {
    const of = ready.get(variant);
    const done = (cell: CellView) => onEvent({ type: 'done', variant, row, cell });
    if (of === undefined || 'fault' in of) {
      return done(lost(of?.fault ?? { code: 'HONE_OPTION_INVALID', message: 'There is no such variant.' }));
    }
    const example = of.rows.get(row);
    if (example === undefined) return done(lost(sealed));
    onEvent({ type: 'begun', variant, row });
    try {
      const { seed } = of.task.program;
      const result = await answerRow(
        { candidate: seed, hash: hashCandidate(seed), example, trial: 0 },
        of.task,
      );
      spentUsd = add(spentUsd, result.usage.spentUsd);
      done(cellOf(result, of.task.scorers[0]?.name ?? 'score'));
    } catch (thrown) {
      signal.throwIfAborted();
      if (HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED') {
        onEvent({ type: 'held', variant, row, reason: thrown.message });
      } else done(lost(faultText(thrown)));
    }
  };
  for await (const _ of mapConcurrently(cells, work, { limit: Math.min(atOnce, ...widths), signal }));
  onEvent({ type: 'end', calls: purse.calls, spentUsd });
}

const sealed: FaultText = {
  code: 'HONE_REQUEST_REFUSED',
  message: 'This row is not in the train split of this prompt, so it stays out of sight.',
  hint: 'Draw the rows anew. A prompt whose front matter names other columns divides the rows otherwise.',
};

async function prepare(
  { boards, workspace, clock }: Pick<Setting, 'boards' | 'workspace' | 'clock'>,
  { table, budgetUsd }: BoardRunRequest,
  {
    variant,
    signal,
    purse,
  }: {
    readonly variant: BoardVariant;
    readonly signal: AbortSignal;
    readonly purse: Purse;
  },
): Promise<Ready> {
  try {
    const opened = await boards.open(table, variant);
    const { task, model, models } = opened;
    const { train } = await boards.train(table, task);
    const { environment, store } = workspace;
    const said = [
      { usd: budgetUsd },
      ...task.defaults.map(({ budget }) => budget),
      { usd: environment.budgetUsd },
    ];
    const { usd } = runBudget({ models: [model, ...Object.values(models)], said });
    if (usd !== undefined) purse.ledger ??= createSpendLedger({ limitUsd: usd });
    const path = (of: Model) =>
      callPath(counted(of, purse), {
        timeoutMs: of.byHand || environment.timeout === undefined ? undefined : environment.timeout * 1_000,
        log: store.answers,
        cache: environment.cache ?? 'on',
        concurrency: atOnce,
        ledger: usd === undefined ? undefined : purse.ledger,
        clock,
        signal,
      });
    const { program, scorers } = task;
    return {
      task: {
        program,
        scorers,
        model: path(model),
        models: Object.fromEntries(Object.entries(models).map(([role, each]) => [role, path(each)])),
        traces: true,
        signal,
        clock,
      },
      rows: new Map(train.map((example) => [example.id, example])),
    };
  } catch (thrown) {
    signal.throwIfAborted();
    const fault = faultText(thrown);
    if (fault.code !== 'HONE_PRICE_UNKNOWN') return { fault };
    return {
      fault: { ...fault, hint: 'Write none as the limit of dollars; the limit of calls still holds.' },
    };
  }
}

/** Each attempt at the provider counts: below the stored answers, so that those cost nothing. */
function counted(model: Model, purse: Purse): Model {
  return wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    if (purse.calls >= purse.maxCalls) {
      throw new HoneError(`The limit of ${purse.maxCalls} calls is reached.`, {
        code: 'HONE_BUDGET_EXHAUSTED',
        hint: 'Raise the limit and run again: what was answered is stored.',
        facts: { retryable: false },
      });
    }
    purse.calls += 1;
    return call.proceed();
  });
}

function cellOf(result: RowResult, scorer: string): CellView {
  const { outcome, others = {}, trace = [], usage } = result;
  const value = scoreOf(outcome);
  return {
    status: statusOf({ trials: [value] }, outcome),
    value,
    fields: fieldsOf(result),
    reasons: [reasonOf(scorer, outcome), ...Object.entries(others).map(([name, of]) => reasonOf(name, of))],
    ...(outcome.status === 'failed' && outcome.text !== '' && { raw: outcome.text }),
    ...(outcome.status === 'infrastructure-error' && {
      fault: { code: outcome.code, message: outcome.reason, hint: outcome.hint },
    }),
    ...pick(usage),
    spans: trace.map(spanOf),
  };
}

function pick(usage: RowResult['usage']) {
  const { calls, cachedCalls, retries, latencyMs, inputTokens, outputTokens, costUsd, spentUsd } = usage;
  return { calls, cachedCalls, retries, latencyMs, inputTokens, outputTokens, costUsd, spentUsd };
}

function lost(fault: FaultText): CellView {
  return {
    status: 'lost',
    value: null,
    fields: [],
    reasons: [],
    fault,
    ...{ calls: 0, cachedCalls: 0, retries: 0, latencyMs: 0, costUsd: 0, spentUsd: 0 },
    spans: [],
  };
}

function add(sum: number | undefined, value: number | undefined): number | undefined {
  return sum === undefined || value === undefined ? undefined : sum + value;
}
