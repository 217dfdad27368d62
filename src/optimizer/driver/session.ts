import type { Clock } from '../../base/clock.ts';
import { hashJson } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import { settledLater } from '../../base/settled-later.ts';
import type { Wake } from '../../base/wake.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { CandidateHash } from '../../prompt/candidate.ts';
import type { RunClaim, Store } from '../../store/store.ts';
import type { OptimizationEvent, StopReason } from '../optimizer.ts';
import { outcomeKey, type TimeLimit } from './evaluator.ts';
import type { OptimizationReport } from './report.ts';

/** One process's hold on one run: its record from earlier processes, and the way to add to it. */
export interface Session extends AsyncDisposable {
  readonly runId: string;
  /** Outcomes of earlier processes. */
  readonly recorded: ReadonlyMap<string, RowResult>;
  readonly timeLimit: TimeLimit;
  /** Adds a decision to the record. Decisions are deterministic, so a replay writes the same ones again. */
  emit(event: OptimizationEvent): void;
  /** All decisions of this process, for the report. */
  readonly events: readonly OptimizationEvent[];
  /** Tells how long a row took, so that the time for the proof can be kept back. */
  countRow(): void;
  /** Milliseconds of work, earlier processes included. */
  elapsedMs(): number;
  complete(report: OptimizationReport): Promise<void>;
  /** Ends without a result; the run can go on later. */
  interrupt(status: 'active' | 'failed'): Promise<void>;
}

export interface SessionOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly name: string;
  /** Hash of everything that decides the run's course. */
  readonly identity: string;
  readonly plan: JsonObject;
  readonly minutes?: number | undefined;
  /** Rows that the proof answers at most; time for them is kept back. */
  readonly proofRows: number;
  readonly watchers: Wake;
}

/** The first rows wait for the model to load and for each other: they say nothing of how fast rows are. */
const rowsForRate = 32;

/**
 * Opens the newest unfinished run of this identity, or a new one, and owns it until disposed.
 *
 * @throws {HoneError} `HONE_RUN_LOCKED` when another living process owns it.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { store, clock, identity, name, plan } = options;
  const claim = await claimRun(options);
  const { run } = claim;
  const startedAt = clock.monotonic();
  const elapsedMs = () => run.elapsedMs + clock.monotonic() - startedAt;
  const events: OptimizationEvent[] = [];
  const writes: Promise<void>[] = [];
  let rows = 0;

  const settle = async (change: Parameters<Store['updateRun']>[1]) => {
    await Promise.all(writes);
    await store.updateRun(run.id, { ...change, elapsedMs: Math.round(elapsedMs()) });
  };
  // A killed process must not get its minutes back, so the time is kept while it runs.
  const keeper = setInterval(
    () => void store.updateRun(run.id, { elapsedMs: Math.round(elapsedMs()) }).catch(() => undefined),
    5_000,
  );
  keeper.unref();

  const timeLimit: TimeLimit = {
    stoppedAt: run.limit as unknown as TimeLimit['stoppedAt'],
    isOver: () => {
      if (options.minutes === undefined) return false;
      const msPerRow = rows < rowsForRate ? 0 : (clock.monotonic() - startedAt) / rows;
      return elapsedMs() + msPerRow * options.proofRows >= options.minutes * 60_000;
    },
    record: (stop: { readonly batch: number; readonly reason: StopReason }) => settle({ limit: stop }),
  };

  return {
    runId: run.id,
    recorded: await readRecorded(store, run.id),
    timeLimit,
    events,
    emit: (event) => {
      const index = events.push(event) - 1;
      const write = store.writeEvent(run.id, index, event as unknown as JsonObject);
      writes.push(settledLater(write.then(options.watchers.all)));
    },
    countRow: () => {
      rows += 1;
    },
    elapsedMs,
    complete: (report) => settle({ status: 'completed', result: report as unknown as JsonObject }),
    interrupt: (status) => settle({ status }),
    async [Symbol.asyncDispose]() {
      clearInterval(keeper);
      await Promise.allSettled(writes);
      await claim[Symbol.asyncDispose]();
    },
  };

  async function claimRun({ store: runs }: SessionOptions): Promise<RunClaim> {
    const unfinished = await runs.findRun(identity);
    if (unfinished !== undefined && unfinished.status !== 'completed') {
      const resumed = await runs.claimRun(unfinished.id);
      await runs.updateRun(unfinished.id, { status: 'active' });
      return resumed;
    }
    const id = `opt-${hashJson([identity, clock.now(), process.pid]).slice(0, 10)}`;
    await runs.createRun({ id, kind: 'optimization', name, identity, plan });
    return runs.claimRun(id);
  }
}

async function readRecorded(store: Store, runId: string): Promise<ReadonlyMap<string, RowResult>> {
  const recorded = new Map<string, RowResult>();
  for await (const { candidate, example, trial, outcome } of store.readOutcomes(runId)) {
    const rest = JSON.parse(outcome) as Omit<RowResult, 'candidate' | 'exampleId' | 'trial'>;
    const result = { candidate: candidate as CandidateHash, exampleId: example, trial, ...rest };
    recorded.set(outcomeKey(candidate, example, trial), result);
  }
  return recorded;
}
