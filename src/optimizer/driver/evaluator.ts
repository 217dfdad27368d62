import type { Clock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { settledLater } from '../../base/settled-later.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { RowJob, RowTask } from '../../evaluation/answer-row.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import { runRows } from '../../evaluation/run-rows.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import type { Store } from '../../store/store.ts';
import type { CandidateEvaluation, StopReason } from '../optimizer.ts';
import type { BudgetMeter, RowDemand } from './budget.ts';

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

/** What one process knows of its run. */
interface Knowledge {
  /** Outcomes by `outcomeKey`: recorded by an earlier process, or answered by this one. */
  readonly known: Map<string, RowResult>;
  /** Pairs that the budget has paid for. */
  readonly charged: Set<string>;
  /** Where a limit took effect, in this process or an earlier one: nothing is searched from there on. */
  stoppedAt: TimeLimit['stoppedAt'];
}

/**
 * Requests that can be made before any of them is answered become one batch: its rows run together and are
 * charged in the order of asking, so what a search sees never depends on which row was faster.
 */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const knowledge: Knowledge = {
    known: new Map(options.recorded),
    charged: new Set(),
    stoppedAt: options.timeLimit.stoppedAt,
  };
  let waiting: Request[] = [];
  let batch = 0;
  let working = Promise.resolve();

  const runWaiting = async () => {
    // A replay answers at once, a model takes its time: whoever can still ask does so first in both.
    await new Promise((resolve) => setImmediate(resolve));
    const requests = waiting;
    waiting = [];
    if (requests.length === 0) return;
    batch += 1;
    try {
      const { admitted, refusals } = await admitRequests(requests, { knowledge, batch, options });
      await runMissing(admitted, { knowledge, batch, options });
      // Refusals wait for the answers beside them: else the search would end before it has seen those.
      for (const request of requests) {
        const refusal = refusals.get(request);
        if (refusal !== undefined) request.reject(refusal);
        else request.resolve(answerOf(request, knowledge, options.budget));
      }
    } catch (thrown) {
      // Those that were answered have settled already.
      for (const request of requests) request.reject(thrown);
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

/** One batch at work. */
interface BatchWork {
  readonly knowledge: Knowledge;
  readonly batch: number;
  readonly options: EvaluatorOptions;
}

/** Takes on what fits into the budget beside what was taken on before in this batch; refuses the rest. */
async function admitRequests(requests: readonly Request[], work: BatchWork) {
  const { knowledge, options } = work;
  const refusals = new Map<Request, HoneError>();
  const taken = new Set(knowledge.charged);
  const demands: RowDemand[] = [];
  const admitted: Request[] = [];
  for (const request of requests) {
    const fresh = request.examples
      .map(({ id }) => outcomeKey(request.hash, id, 0))
      .filter((key) => !taken.has(key));
    const demand = {
      rows: new Set(fresh).size,
      callsPerRow: options.task.program.calls(request.candidate).typical,
    };
    const refusal = request.purpose === 'proof' ? undefined : await refusalOf([...demands, demand], work);
    if (refusal !== undefined) {
      refusals.set(request, refusal);
      continue;
    }
    for (const key of fresh) taken.add(key);
    demands.push(demand);
    admitted.push(request);
  }
  return { admitted, refusals };
}

async function refusalOf(
  demands: readonly RowDemand[],
  { knowledge, batch, options: { budget, timeLimit } }: BatchWork,
): Promise<HoneError | undefined> {
  const { stoppedAt } = knowledge;
  if (stoppedAt !== undefined && batch >= stoppedAt.batch) return exhausted(stoppedAt.reason);
  if (!budget.fits(...demands)) return exhausted(budget.reasonAgainst(...demands));
  // A limit that an earlier process recorded lies ahead; until there the record decides, not the time.
  if (stoppedAt !== undefined || !timeLimit.isOver()) return undefined;
  return stopHere('time', { knowledge, batch, timeLimit });
}

/** Keeps that the search ends in this batch, before anything acts on it. */
async function stopHere(
  reason: StopReason,
  {
    knowledge,
    batch,
    timeLimit,
  }: Pick<BatchWork, 'knowledge' | 'batch'> & Pick<EvaluatorOptions, 'timeLimit'>,
): Promise<HoneError> {
  knowledge.stoppedAt = { batch, reason };
  await timeLimit.record(knowledge.stoppedAt);
  return exhausted(reason);
}

async function runMissing(requests: readonly Request[], work: BatchWork): Promise<void> {
  const { knowledge, batch, options } = work;
  const { store, runId, task, scorer, concurrency, stop, timeLimit } = options;
  const { known } = knowledge;
  const jobs = missingJobs(requests, known);
  if (jobs.length === 0) return;
  stop.throwIfAborted();
  for (const { hash, candidate } of requests)
    await store.writeCandidate(hash, candidate as unknown as JsonObject);
  const searching = requests.some(({ purpose }) => purpose === 'search');
  const writes: Promise<void>[] = [];
  const answeredBefore = known.size > 0;
  try {
    for await (const result of runRows(jobs, task, { concurrency, stop, answeredBefore })) {
      const { candidate, exampleId, trial, ...rest } = result;
      const outcome = JSON.stringify(rest);
      writes.push(
        settledLater(store.writeOutcome(runId, { candidate, example: exampleId, trial, scorer, outcome })),
      );
      known.set(outcomeKey(candidate, exampleId, trial), result);
      options.onRow(result);
      if (searching && knowledge.stoppedAt === undefined && timeLimit.isOver()) {
        throw await stopHere('time', { knowledge, batch, timeLimit });
      }
    }
  } catch (thrown) {
    const isSpent = HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED';
    if (!searching || !isSpent || knowledge.stoppedAt !== undefined) throw thrown;
    // The next answer might cost more than is left. What was paid before is not known to a later process.
    throw await stopHere('cost', { knowledge, batch, timeLimit });
  } finally {
    await Promise.all(writes);
  }
}

/** The results of a request whose rows are all known, each charged once in the run. */
function answerOf(
  { candidate, hash, examples }: Request,
  { known, charged }: Knowledge,
  budget: BudgetMeter,
): CandidateEvaluation {
  const results = examples.map(({ id }) => {
    const key = outcomeKey(hash, id, 0);
    const result = known.get(key);
    if (result === undefined) throw new TypeError(`No outcome for row ${id}.`);
    if (!charged.has(key)) budget.charge(result.usage);
    charged.add(key);
    return result;
  });
  return { candidate, hash, mean: meanOf(results), results };
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
