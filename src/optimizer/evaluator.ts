import type { Clock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import type { RowJob, RowTask } from '../evaluation/answer-row.ts';
import type { RowResult } from '../evaluation/evaluation.ts';
import { runRows } from '../evaluation/run-rows.ts';
import { callsPerRow } from '../program/calls-per-row.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../prompt/candidate.ts';
import type { Store } from '../store/store.ts';
import type { BudgetMeter } from './budget.ts';
import type { CandidateEvaluation, StopReason } from './optimizer.ts';

/** Who asks: the search stops at its limits, the proof spends what was kept back for it. */
export type Purpose = 'search' | 'proof';

/** Runs candidates on rows for one run: from its record where there is one, else for real. */
export interface Evaluator {
  evaluate(
    candidate: Candidate,
    examples: readonly Example[],
    purpose: Purpose,
  ): Promise<CandidateEvaluation>;
}

export interface EvaluatorOptions {
  readonly runId: string;
  readonly store: Store;
  readonly task: RowTask;
  /** Hash of the scorers. */
  readonly scorer: string;
  readonly concurrency: number;
  readonly budget: BudgetMeter;
  /** Outcomes of this run from an earlier process, by `outcomeKey`. */
  readonly recorded: ReadonlyMap<string, RowResult>;
  /** Stops starting rows; those in flight finish. */
  readonly stop: AbortSignal;
  readonly timeLimit: TimeLimit;
  readonly clock: Clock;
  /** Called for each row that is done. */
  readonly onRow: (result: RowResult) => void;
}

/** When a search must end, and where it did in an earlier process. */
export interface TimeLimit {
  /** Whether the search must end now, so that its proof still fits. */
  isOver(): boolean;
  /** The batch at which a limit took effect in an earlier process. */
  readonly stoppedAt?: { readonly batch: number; readonly reason: StopReason } | undefined;
  /** Keeps where a limit takes effect, before anything acts on it. */
  record(stop: { readonly batch: number; readonly reason: StopReason }): Promise<void>;
}

interface Request {
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  readonly examples: readonly Example[];
  readonly purpose: Purpose;
  resolve(evaluation: CandidateEvaluation): void;
  reject(reason: unknown): void;
}

export function outcomeKey(candidate: string, exampleId: string, trial: number): string {
  return `${candidate} ${trial} ${exampleId}`;
}

/**
 * Requests made in one turn become one batch: its rows run together and are charged in the order of asking,
 * so what a search sees never depends on which row was faster.
 */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const known = new Map(options.recorded);
  const charged = new Set<string>();
  let waiting: Request[] = [];
  let batch = 0;
  let working = Promise.resolve();

  const runWaiting = async () => {
    const requests = waiting;
    waiting = [];
    if (requests.length === 0) return;
    batch += 1;
    const admitted: Request[] = [];
    for (const request of requests) {
      const rows = request.examples.filter(({ id }) => !charged.has(outcomeKey(request.hash, id, 0))).length;
      const refusal = await refusalOf({ request, rows, batch }, options);
      if (refusal === undefined) admitted.push(request);
      else request.reject(refusal);
    }
    try {
      await runMissing(admitted, { known, batch, options });
    } catch (thrown) {
      for (const request of admitted) request.reject(thrown);
      return;
    }
    for (const request of admitted) {
      const results = request.examples.map((example) => {
        const key = outcomeKey(request.hash, example.id, 0);
        const result = known.get(key);
        if (result === undefined) throw new TypeError(`No outcome for row ${example.id}.`);
        if (!charged.has(key)) options.budget.charge(result.usage);
        charged.add(key);
        return result;
      });
      request.resolve({ candidate: request.candidate, hash: request.hash, mean: meanOf(results), results });
    }
  };

  return {
    evaluate: (candidate, examples, purpose) =>
      new Promise((resolve, reject) => {
        waiting.push({ candidate, hash: hashCandidate(candidate), examples, purpose, resolve, reject });
        working = working.then(runWaiting);
      }),
  };
}

/** Mean over the rows that have a value; 0 when none has. */
export function meanOf(results: readonly RowResult[]): number {
  const values = results.flatMap(({ outcome }) => ('value' in outcome ? [outcome.value] : []));
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function refusalOf(
  { request, rows, batch }: { readonly request: Request; readonly rows: number; readonly batch: number },
  options: EvaluatorOptions,
): Promise<HoneError | undefined> {
  if (request.purpose === 'proof') return undefined;
  const { budget, task, timeLimit } = options;
  const { stoppedAt } = timeLimit;
  if (stoppedAt !== undefined && batch >= stoppedAt.batch) return exhausted(stoppedAt.reason);
  const demand = { rows, callsPerRow: callsPerRow(task.program.shape, request.candidate) };
  if (!budget.fits(demand)) return exhausted(budget.reasonAgainst(demand));
  if (stoppedAt === undefined && timeLimit.isOver()) {
    await timeLimit.record({ batch, reason: 'time' });
    return exhausted('time');
  }
  return undefined;
}

async function runMissing(
  requests: readonly Request[],
  {
    known,
    batch,
    options,
  }: { readonly known: Map<string, RowResult>; readonly batch: number; readonly options: EvaluatorOptions },
): Promise<void> {
  const { store, runId, task, scorer, concurrency, timeLimit } = options;
  const jobs = missingJobs(requests, known);
  if (jobs.length === 0) return;
  options.stop.throwIfAborted();
  for (const { hash, candidate } of requests)
    await store.writeCandidate(hash, candidate as unknown as JsonObject);
  const searching = requests.some(({ purpose }) => purpose === 'search');
  const writes: Promise<void>[] = [];
  try {
    for await (const result of runRows(jobs, task, { concurrency, stop: options.stop })) {
      const { candidate, exampleId, trial, ...rest } = result;
      const outcome = JSON.stringify(rest);
      writes.push(store.writeOutcome(runId, { candidate, example: exampleId, trial, scorer, outcome }));
      known.set(outcomeKey(candidate, exampleId, trial), result);
      options.onRow(result);
      if (searching && timeLimit.isOver()) {
        await timeLimit.record({ batch, reason: 'time' });
        throw exhausted('time');
      }
    }
  } finally {
    await Promise.all(writes);
  }
}

/** Candidate by candidate, so that a local model keeps the state of each prompt's shared beginning. */
function missingJobs(requests: readonly Request[], known: ReadonlyMap<string, RowResult>): RowJob[] {
  const jobs: RowJob[] = [];
  const asked = new Set<string>();
  for (const { candidate, hash, examples } of requests) {
    for (const example of examples) {
      const key = outcomeKey(hash, example.id, 0);
      if (known.has(key) || asked.has(key)) continue;
      asked.add(key);
      jobs.push({ candidate, hash, example, trial: 0 });
    }
  }
  return jobs;
}

/** The end of a search by a limit: not an error to its user, but how a search is unwound. */
export function exhausted(reason: StopReason): HoneError {
  return new HoneError(`The search's budget is spent (${reason}).`, {
    code: 'HONE_BUDGET_EXHAUSTED',
    hint: 'Raise --max-calls, --budget-usd or --max-minutes to search longer.',
    facts: { reason },
  });
}
