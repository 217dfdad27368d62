import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { settledLater } from '../base/settled-later.ts';
import { createWake } from '../base/wake.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import { createRowGate, type RowGate } from '../dataset/unique-ids.ts';
import { checkModel } from '../model/check-model.ts';
import { type AnswerCacheMode, callPath } from '../model/middleware/call-path.ts';
import { createSpendLedger } from '../model/middleware/spend-limit.ts';
import type { Model } from '../model/model.ts';
import { completeCandidate } from '../program/check-candidate.ts';
import { checkProgram } from '../program/check-program.ts';
import type { Program } from '../program/program.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../prompt/candidate.ts';
import { checkScorers } from '../scorer/check-scorers.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { RunClaim, Store } from '../store/store.ts';
import { type AggregateAccumulator, createAggregates } from './aggregates.ts';
import type { RowJob, RowTask } from './answer-row.ts';
import type { Evaluation, RowResult } from './evaluation.ts';
import { createJobOrder, inJobOrder } from './job-order.ts';
import { openRunHandle, type RunHandle, type RunWork } from './run-handle.ts';
import { runRows } from './run-rows.ts';
import { createDatasetHasher, type Origin, scorersHash, snapshotOf } from './snapshot.ts';
import { createTally, type Tally } from './tally.ts';

export interface EvaluateOptions<Inputs, Outputs> {
  readonly program: Program<Inputs, Outputs>;
  readonly dataset: Dataset | Iterable<Example>;
  /** One or several; the first counts. */
  readonly scorer: Scorer | readonly Scorer[];
  /** Answers as the role `task`. */
  readonly model: Model;
  /** Models of other roles, such as `judge`; counted, stored and limited as the task's. @default none */
  readonly models?: Readonly<Record<string, Model>> | undefined;
  readonly store: Store;
  /** Parameters to run with; what it leaves out, the program's seed gives. @default the seed */
  readonly candidate?: Candidate | undefined;
  /** Independent answers for each row. @default 1 */
  readonly trials?: number | undefined;
  /** An input or expected field by whose values the score is told apart too. @default none */
  readonly by?: string | undefined;
  /** Most rows in work at once. @default 8 */
  readonly concurrency?: number | undefined;
  /** Whether stored answers are read and new ones stored. @default 'on' */
  readonly cache?: AnswerCacheMode | undefined;
  /** Whether results carry their traces. @default false */
  readonly traces?: boolean | undefined;
  readonly budget?: EvaluationBudget | undefined;
  /** For people. @default the program's name */
  readonly name?: string | undefined;
  /** What to run to do this again; kept with the run. */
  readonly plan?: JsonObject | undefined;
  /** Which part of the data it is, for people. @default 'all' */
  readonly split?: string | undefined;
  /** Where it runs; kept with the snapshot. @default not said */
  readonly origin?: Origin | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** Limits of one evaluation. Reaching one is a normal end: the rows so far are reported. */
export interface EvaluationBudget {
  /** US dollars of answers that were not stored already. */
  readonly usd?: number | undefined;
  readonly calls?: number | undefined;
  /** Tokens of all calls, in and out. */
  readonly tokens?: number | undefined;
  readonly minutes?: number | undefined;
}

/** How far it is, for a live display. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  /** Undefined when the number of rows is not known in advance. */
  readonly total?: number | undefined;
  readonly calls: number;
  readonly cachedCalls: number;
  /** Dollars paid so far; undefined when a price is unknown. */
  readonly spentUsd?: number | undefined;
  readonly elapsedMs: number;
}

/** An evaluation at work. Iterating reads the stored rows; a cancelled one keeps the rows so far. */
export type EvaluationRun = RunHandle<RowResult, Evaluation>;

/**
 * Runs a program on every row and scores the answers. It starts at once; every row is stored as it finishes.
 *
 * @throws (through `result()`) {HoneError} `HONE_CANDIDATE_INVALID` for a candidate that does not fit the program,
 * `HONE_DATASET_EMPTY` without a row, `HONE_SCORER_FAILED` when a
 *   scorer breaks, `HONE_MODEL_…` when the model cannot be asked at all, `HONE_ABORTED` when cancelled.
 */
export function evaluate<Inputs, Outputs>(options: EvaluateOptions<Inputs, Outputs>): EvaluationRun {
  const { store, clock = systemClock, concurrency = 8, trials = 1 } = options;
  const scorers: readonly Scorer[] = Array.isArray(options.scorer)
    ? options.scorer
    : [options.scorer as Scorer];
  const wake = createWake();
  let ended = false;

  const work = async ({ stop, begin }: RunWork): Promise<Evaluation> => {
    checkProgram(options.program);
    checkScorers(scorers);
    checkModel(options.model, 'task');
    const { shape, seed } = options.program;
    const candidate = completeCandidate(options.candidate ?? seed, { program: shape, seed });
    const hash = hashCandidate(candidate);
    const passFail = scorers[0]?.passFail ?? false;
    const aggregates = createAggregates({ outputs: shape.outputs, passFail, by: options.by });
    const tally = createTally(scorers, clock, aggregates);
    await using claim = await store.runs.open({
      kind: 'evaluation',
      name: options.name ?? options.program.shape.name,
      identity: hashJson([hash, 'evaluation']),
      plan: options.plan ?? {},
      resume: false,
    });
    begin({ runId: claim.runId, progress: () => tally.progress() });
    try {
      return await evaluateRows({ stop, claim, candidate, hash, tally, aggregates });
    } catch (thrown) {
      const status = stop.aborted ? 'cancelled' : 'failed';
      await store.runs.update(claim, { status, elapsedMs: tally.elapsedMs() }).catch(() => undefined);
      throw thrown;
    }
  };

  const evaluateRows = async ({
    stop,
    claim,
    candidate,
    hash,
    tally,
    aggregates,
  }: Pick<RowJob, 'candidate' | 'hash'> & {
    readonly stop: AbortSignal;
    readonly claim: RunClaim;
    readonly tally: Tally;
    readonly aggregates: AggregateAccumulator;
  }): Promise<Evaluation> => {
    const { runId } = claim;
    await store.candidates.write(hash, candidate as unknown as JsonObject);
    const { usd, minutes } = options.budget ?? {};
    const deadline = minutes === undefined ? undefined : clock.monotonic() + minutes * 60_000;
    const notices = new Set<string>();
    const ledger = usd === undefined ? undefined : createSpendLedger({ limitUsd: usd });
    const path = (model: Model) =>
      callPath(model, {
        log: store.answers,
        cache: options.cache ?? 'on',
        concurrency,
        clock,
        ledger,
        deadline,
        onNotice: (notice) => notices.add(notice),
      });
    const roles = Object.entries(options.models ?? {});
    const task: RowTask = {
      program: options.program as unknown as Program,
      model: path(options.model),
      models: Object.fromEntries(roles.map(([role, model]) => [role, path(model)])),
      scorers,
      traces: options.traces,
      signal: options.signal,
      clock,
    };
    const scorer = scorersHash(scorers);
    const gate = createRowGate('name' in options.dataset ? options.dataset.name : 'The dataset');
    const hasher = createDatasetHasher();
    const jobs = jobsOf(options.dataset, {
      candidate,
      hash,
      trials,
      gate,
      onRow: hasher.add,
      allows: (started) => {
        const rows = started - tally.rows + 1;
        return tally.allows(options.budget, rows * options.program.calls(candidate).typical);
      },
      // A bounded number of unconfirmed writes, so that memory stays flat on any number of rows.
      hasRoom: async () => {
        if (writes.length < 2 * concurrency) return;
        await Promise.all(writes.splice(0));
        wake.all();
      },
    });
    const writes: Promise<void>[] = [];
    const order = createJobOrder<RowResult>();
    const indexes: number[] = [];
    const onSettled = (result: RowResult, index: number) => {
      tally.arrive(result);
      for (const due of order.take(result, index)) tally.add(due);
      const { candidate: _, exampleId, trial, ...rest } = result;
      const outcome = JSON.stringify(rest);
      const key = { candidate: hash, example: exampleId, trial, scorer };
      const write = store.outcomes.write(claim, { ...key, outcome });
      indexes.push(index);
      writes.push(settledLater(write));
    };
    try {
      for await (const _ of runRows(jobs, task, { concurrency, stop, onSettled })) {
        if (options.budget?.tokens !== undefined && tally.hasUnknownTokens)
          throw unknownTokens(options.model);
      }
    } catch (thrown) {
      // The next answer might cost more than is left: a normal end, unless there was nothing to begin with.
      if (!isExhausted(thrown) || tally.rows === 0) throw thrown;
    } finally {
      await Promise.all(writes);
    }
    if (tally.rows === 0) throw noRows();
    for (const result of order.rest()) tally.add(result);
    const renamed = gate.notice();
    const evaluation = tally.finish({
      runId,
      candidate: hash,
      trials,
      notices: [
        ...noticesOf(options.dataset),
        ...(renamed === undefined ? [] : [renamed]),
        ...aggregates.notices(),
        ...notices,
      ],
      results: () => inJobOrder(storedRows(store, runId), indexes),
    });
    const { results: _, ...result } = evaluation;
    await store.runs.update(claim, {
      status: 'completed',
      elapsedMs: tally.elapsedMs(),
      result: result as unknown as JsonObject,
      snapshot: snapshotOf({
        ...options,
        dataset: hasher.finish('name' in options.dataset ? options.dataset.name : 'rows'),
        scorers,
      }) as unknown as JsonObject,
    });
    return evaluation;
  };

  async function* watch(runId: string): AsyncGenerator<RowResult, void, void> {
    let seen = 0;
    while (true) {
      // Before reading, so that nothing that happens while the reader is busy is slept through.
      const woken = wake.wait();
      const last = ended;
      for await (const row of storedRows(store, runId, seen)) {
        seen += 1;
        yield row;
      }
      if (last) return;
      await woken;
    }
  }

  return openRunHandle({ signal: options.signal, cancelled: aborted, watch }, (setting) =>
    work(setting).finally(() => {
      ended = true;
      wake.all();
    }),
  );
}

async function* storedRows(store: Store, runId: string, from = 0): AsyncGenerator<RowResult, void, void> {
  for await (const { candidate, example, trial, outcome } of store.outcomes.read(runId, { from })) {
    const rest = JSON.parse(outcome) as Omit<RowResult, 'candidate' | 'exampleId' | 'trial'>;
    yield { candidate: candidate as CandidateHash, exampleId: example, trial, ...rest };
  }
}

async function* jobsOf(
  dataset: Dataset | Iterable<Example>,
  given: Pick<RowJob, 'candidate' | 'hash'> & {
    readonly trials: number;
    readonly gate: RowGate;
    /** Sees each row that is started, once. */
    onRow(example: Example): void;
    /** Whether one more row may start after so many. */
    allows(started: number): boolean;
    /** Resolves when another row may start. */
    hasRoom(): Promise<void>;
  },
): AsyncGenerator<RowJob, void, void> {
  const { candidate, hash, trials, gate, onRow, allows, hasRoom } = given;
  let started = 0;
  for await (const row of dataset) {
    const example = gate.admit(row);
    for (let trial = 0; trial < trials; trial += 1) {
      await hasRoom();
      if (!allows(started)) return;
      started += 1;
      if (trial === 0) onRow(example);
      yield { candidate, hash, example, trial };
    }
  }
}

function isExhausted(thrown: unknown): boolean {
  return HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED';
}

function unknownTokens({ id }: Model): HoneError {
  return new HoneError(`${id} does not say how many tokens it used, so a limit of tokens cannot be kept.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Limit the calls instead: --max-calls.',
    facts: { model: id },
  });
}

function noRows(): HoneError {
  return new HoneError('The dataset has no rows, or the budget allows none.', {
    code: 'HONE_DATASET_EMPTY',
    hint: 'Give at least one row.',
  });
}

function aborted(cause: unknown): HoneError {
  return new HoneError('The evaluation was cancelled.', { code: 'HONE_ABORTED', cause });
}

/** What a dataset says of how it was read. */
function noticesOf(dataset: Dataset | Iterable<Example>): readonly string[] {
  return 'notices' in dataset ? (dataset.notices ?? []) : [];
}
