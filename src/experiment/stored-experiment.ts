import { systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import type { Evaluation, Outcome, RowResult } from '../evaluation/evaluation.ts';
import {
  type ProofSnapshot,
  readProofSnapshot,
  readSnapshot,
  type Snapshot,
} from '../evaluation/snapshot.ts';
import { createTally } from '../evaluation/tally.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { RunRecord, Store } from '../store/store.ts';
import type { Experiment, ExperimentRow, RowDetail, RowOptions, RowScore } from './experiment.ts';
import { sliceOf } from './slice.ts';

/** Rows that are read together. */
const rowsAtOnce = 500;
/** Runs that are looked through for a name. */
const newestRuns = 1_000;

/**
 * Finds an experiment in the store.
 *
 * @param reference The id of a run, the name of one (its newest), `latest`, or `latest~2` for two before it. `latest`
 *   counts finished evaluations alone. Of an optimization `<id>:seed` and `<id>:winner` are what its sealed test asked.
 * @throws {HoneError} `HONE_RUN_NOT_FOUND` for none such, or one that is not a finished evaluation.
 */
export async function findExperiment(store: Store, reference: string): Promise<Experiment> {
  const [, run, side] = /^(.+):(seed|winner)$/.exec(reference) ?? [];
  if (run !== undefined) return openSide(store, { run, side: side as ProofSide });
  const record = (await store.runs.read(reference)) ?? (await byName(store, reference));
  if (record === undefined) {
    throw new HoneError(`There is no experiment ${reference}.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: 'See what there is: hone experiments. The newest is called latest, the one before it latest~1.',
    });
  }
  return openExperiment(store, record);
}

/** Finished evaluations, newest first. */
export async function listExperiments(store: Store, limit = newestRuns): Promise<readonly RunRecord[]> {
  const runs = await store.runs.list({ kind: 'evaluation', status: 'completed', limit });
  return runs.filter(({ snapshot }) => readSnapshot(snapshot) !== undefined);
}

async function byName(store: Store, reference: string): Promise<RunRecord | undefined> {
  const experiments = await listExperiments(store);
  const back = /^latest(?:~(\d+))?$/.exec(reference);
  if (back !== null) return experiments[Number(back[1] ?? 0)];
  return experiments.find(({ name }) => name === reference);
}

/**
 * A run as an experiment.
 *
 * @throws {HoneError} `HONE_RUN_NOT_FOUND` when it is not a finished evaluation with a snapshot.
 */
export async function openExperiment(store: Store, record: RunRecord): Promise<Experiment> {
  const snapshot = readSnapshot(record.snapshot);
  if (record.kind !== 'evaluation' || record.status !== 'completed' || snapshot === undefined) {
    throw new HoneError(`The run ${record.id} is no experiment: ${whyNone(record)}.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint:
        record.kind === 'optimization'
          ? `The sides of its sealed test are: ${record.id}:seed and ${record.id}:winner.`
          : 'Run the evaluation again: stored answers are not paid again.',
    });
  }
  const { candidate, summaries, usage } = record.result as unknown as Evaluation;
  return {
    id: record.id,
    name: record.name,
    createdAt: record.createdAt,
    candidate,
    // The store holds what this program wrote into it.
    parameters: (await store.candidates.read(candidate)) as unknown as Candidate | undefined,
    snapshot,
    summaries,
    usage,
    async *rows(options = {}) {
      for await (const { example, trial, outcome } of store.outcomes.read(record.id, { effect: 'row' })) {
        yield rowOf({ id: example, trial, stored: JSON.parse(outcome) as StoredRow }, snapshot, options);
      }
    },
    async detail(example, trial = 0) {
      const key = { candidate, example, trial, scorer: snapshot.scorer };
      const [found] = await store.outcomes.get(record.id, [key]);
      return found && detailOf(JSON.parse(found.outcome) as StoredRow);
    },
  };
}

type ProofSide = keyof ProofSnapshot['sides'];

/** One side of the sealed test of an optimization, as an experiment. */
async function openSide(
  store: Store,
  { run, side }: { readonly run: string; readonly side: ProofSide },
): Promise<Experiment> {
  const record = await store.runs.read(run);
  const snapshot = readProofSnapshot(record?.snapshot);
  if (record === undefined || snapshot === undefined) {
    throw new HoneError(`There is no sealed test of ${run} with a ${side}.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: 'It takes a finished optimization with a test on rows kept apart; in a cross-fit each fold tests a winner of its own. See what there is: hone experiments.',
      facts: { runId: run },
    });
  }
  const { seed, best } = record.result as unknown as OptimizationReport;
  const { hash: candidate, candidate: parameters } = side === 'seed' ? seed : best;
  const stored = async function* (): AsyncGenerator<RowResult> {
    const keys = snapshot.tested.map((example) => ({
      candidate,
      example,
      trial: 0,
      scorer: snapshot.scorer,
    }));
    for (let from = 0; from < keys.length; from += rowsAtOnce) {
      const found = await store.outcomes.get(record.id, keys.slice(from, from + rowsAtOnce));
      for (const outcome of found) {
        if (outcome === undefined) continue;
        const row = JSON.parse(outcome.outcome) as StoredRow;
        yield { candidate, exampleId: outcome.example, trial: 0, ...row };
      }
    }
  };
  const tally = createTally(snapshot.scorers, systemClock);
  for await (const row of stored()) tally.add(row);
  const { summaries, usage } = tally.finish({
    runId: record.id,
    candidate,
    trials: 1,
    notices: [],
    results: stored,
  });
  return {
    id: `${record.id}:${side}`,
    name: record.name,
    createdAt: record.createdAt,
    candidate,
    parameters,
    snapshot,
    summaries,
    usage,
    async *rows(options = {}) {
      for await (const { exampleId, trial, ...row } of stored()) {
        yield rowOf({ id: exampleId, trial, stored: row }, snapshot, options);
      }
    },
    async detail(example) {
      const key = { candidate, example, trial: 0, scorer: snapshot.scorer };
      const [found] = await store.outcomes.get(record.id, [key]);
      return found && detailOf(JSON.parse(found.outcome) as StoredRow);
    },
  };
}

function whyNone({ kind, status }: RunRecord): string {
  if (kind === 'optimization') return 'it is an optimization';
  return status === 'completed' ? 'it was made before experiments were kept' : `it is ${status}`;
}

/** What the `input` of an {@link ExperimentRow} is. */
export function hashInputs(inputs: JsonObject): string {
  return hashJson(inputs).slice(0, 16);
}

type StoredRow = Omit<RowResult, 'candidate' | 'exampleId' | 'trial'>;

function rowOf(
  { id, trial, stored }: { readonly id: string; readonly trial: number; readonly stored: StoredRow },
  { scorers }: Snapshot,
  { by, hashInputs: isHashed = true }: RowOptions,
): ExperimentRow {
  const { outcome, others, inputs = {}, expected, group, usage } = stored;
  return {
    id,
    trial,
    input: isHashed ? hashInputs(inputs) : '',
    ...(group !== undefined && { group }),
    ...(by !== undefined && { slice: sliceOf(by, { inputs, expected }) }),
    scores: scorers.map(({ name }, index) => scoreOf(index === 0 ? outcome : others?.[name])),
    failed: outcome.status === 'failed',
    ...(usage.costUsd !== undefined && { costUsd: usage.costUsd }),
    latencyMs: usage.latencyMs,
  };
}

/** A row that was lost before a further scorer saw it has no score of it. */
function scoreOf(outcome: Outcome | undefined): RowScore {
  switch (outcome?.status) {
    case 'scored':
    case 'failed':
      return outcome.value;
    case 'unscored':
      return 'unscored';
    default:
      return 'lost';
  }
}

function detailOf({ inputs, expected, outputs, outcome }: StoredRow): RowDetail {
  const feedback =
    'feedback' in outcome ? outcome.feedback : 'reason' in outcome ? outcome.reason : undefined;
  const text =
    outcome.status === 'failed' && outcome.text !== '' ? ({ text: outcome.text } as JsonObject) : undefined;
  return { inputs, expected, outputs: outputs ?? text, feedback };
}
