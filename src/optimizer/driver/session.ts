import { canonicalJson } from '../../base/canonical-json.ts';
import type { Clock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { settledLater } from '../../base/settled-later.ts';
import type { ProofSnapshot } from '../../evaluation/snapshot.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { RunChange, RunClaim, Store } from '../../store/store.ts';
import type { OptimizationEvent } from '../optimizer.ts';
import { exhausted, type StopPoint, type StopRecord } from './effects.ts';
import type { OptimizationReport } from './report.ts';

/** One process's hold on one run: its record from earlier processes, and the way to add to it. */
export interface Session extends AsyncDisposable {
  readonly claim: RunClaim;
  readonly runId: string;
  readonly stopRecord: StopRecord;
  /** Aborts what is under way for the search, and for the proof: each when its time is over. */
  readonly flight: { readonly search: AbortSignal; readonly proof: AbortSignal };
  /**
   * Adds a decision to the record.
   *
   * @throws {HoneError} `HONE_RUN_DIVERGED` when an earlier process of this run decided otherwise here.
   */
  emit(event: OptimizationEvent): void;
  /** Keeps a candidate's parameters by content hash. */
  keepCandidate(hash: string, candidate: Candidate): void;
  /** All decisions of this process, for the report. */
  readonly events: readonly OptimizationEvent[];
  /** Tells how long a row took, so that the time for the proof can be kept back. */
  countRow(): void;
  /** Milliseconds of work, earlier processes included. */
  elapsedMs(): number;
  /** @param snapshot What its sealed test measured; undefined where it had none. */
  complete(report: OptimizationReport, snapshot?: ProofSnapshot): Promise<void>;
  /** Ends without a result; the run can go on later. */
  interrupt(status: 'interrupted' | 'failed'): Promise<void>;
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
  /** Starts nothing new. */
  readonly stop: AbortSignal;
  /** Aborts what is under way at once. */
  readonly abort?: AbortSignal | undefined;
}

/** The first rows wait for the model to load and for each other: they say nothing of how fast rows are. */
const rowsForRate = 32;
/** What is under way when a run is stopped, or its search over, may still end. */
const graceMs = 8_000;
const watchEveryMs = 200;
/** A killed process must not get its minutes back, so the time is kept while it runs. */
const keepEveryMs = 5_000;
/** Of a short limit this share at most is not kept yet. */
const keptShare = 0.02;

/**
 * Opens the newest unfinished run of this identity, or a new one, and owns it until disposed.
 *
 * @throws {HoneError} `HONE_RUN_LOCKED` when another living process owns it.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { store, clock, identity, name, plan, minutes, stop } = options;
  const claim = await store.runs.open({ kind: 'optimization', name, identity, plan });
  const { run, runId } = claim;
  const recorded = await store.events.read(runId);
  const startedAt = clock.monotonic();
  const elapsedMs = () => run.elapsedMs + clock.monotonic() - startedAt;
  const limitMs = minutes === undefined ? Number.POSITIVE_INFINITY : minutes * 60_000;
  const events: OptimizationEvent[] = [];
  const writes: Promise<void>[] = [];
  let rows = 0;
  let isKept = true;

  const update = (change: RunChange) =>
    store.runs.update(claim, { ...change, elapsedMs: Math.round(elapsedMs()) });
  const settle = async (change: RunChange) => {
    await Promise.all(writes);
    await update(change);
  };
  /** When a search must end: so that its proof still fits at the pace of the rows so far. */
  const isOver = () => {
    const msPerRow = rows < rowsForRate ? 0 : (clock.monotonic() - startedAt) / rows;
    return elapsedMs() + msPerRow * options.proofRows >= limitMs;
  };

  const search = new AbortController();
  const proof = new AbortController();
  let overSince: number | undefined;
  let stoppedSince: number | undefined;
  const watch = () => {
    const now = clock.monotonic();
    if (stop.aborted) stoppedSince ??= now;
    if (isOver()) overSince ??= now;
    if (stoppedSince !== undefined && now - stoppedSince >= graceMs) {
      search.abort(stop.reason);
      proof.abort(stop.reason);
    }
    const grace = Math.min(graceMs, 0.1 * limitMs);
    if (overSince !== undefined && now - overSince >= grace) search.abort(exhausted('time'));
    if (elapsedMs() >= limitMs + grace) proof.abort(exhausted('time'));
  };
  let sinceKept = 0;
  const watcher = setInterval(() => {
    watch();
    sinceKept += watchEveryMs;
    if (sinceKept < Math.min(keepEveryMs, keptShare * limitMs) || !isKept) return;
    sinceKept = 0;
    void update({}).catch(() => undefined);
  }, watchEveryMs);
  watcher.unref();
  const abortAll = () => {
    search.abort(options.abort?.reason);
    proof.abort(options.abort?.reason);
  };
  if (options.abort?.aborted) abortAll();
  else options.abort?.addEventListener('abort', abortAll, { once: true });
  const lost = () => {
    search.abort(claim.lost.reason);
    proof.abort(claim.lost.reason);
  };
  claim.lost.addEventListener('abort', lost, { once: true });

  return {
    claim,
    runId,
    flight: { search: search.signal, proof: proof.signal },
    stopRecord: {
      points: Array.isArray(run.limit) ? (run.limit as unknown as readonly StopPoint[]) : [],
      isOver,
      keep: (points) => settle({ limit: points as unknown as Json }),
    },
    events,
    emit: (event) => {
      const index = events.push(event) - 1;
      const before = recorded[index];
      if (before !== undefined) checkSame(before.event, event, { index, runId });
      const write = store.events.write(claim, index, event as unknown as JsonObject);
      writes.push(settledLater(write));
    },
    keepCandidate: (hash, candidate) => {
      writes.push(settledLater(store.candidates.write(hash, candidate as unknown as JsonObject)));
    },
    countRow: () => {
      rows += 1;
    },
    elapsedMs,
    complete: async (report, snapshot) => {
      isKept = false;
      await settle({
        status: 'completed',
        result: report as unknown as JsonObject,
        ...(snapshot !== undefined && { snapshot: snapshot as unknown as JsonObject }),
      });
    },
    interrupt: async (status) => {
      isKept = false;
      await settle({ status });
    },
    async [Symbol.asyncDispose]() {
      clearInterval(watcher);
      options.abort?.removeEventListener('abort', abortAll);
      claim.lost.removeEventListener('abort', lost);
      await Promise.allSettled(writes);
      await claim[Symbol.asyncDispose]();
    },
  };
}

/** A replay that decides otherwise would mix two courses in one record. */
function checkSame(
  before: JsonObject,
  event: OptimizationEvent,
  { index, runId }: { readonly index: number; readonly runId: string },
): void {
  if (canonicalJson(before) === canonicalJson(JSON.parse(JSON.stringify(event)))) return;
  throw new HoneError(
    `Run ${runId} went on otherwise than before: its event ${index} was ${String(before.type)} and is ${event.type} now.`,
    {
      code: 'HONE_RUN_DIVERGED',
      hint: 'Something that decides is not part of the run: an optimizer with a clock or memory of its own, or a model or scorer that changed under the same name. Give the optimizer or scorer a new version, or another random seed.',
      facts: { runId, index },
    },
  );
}
