import { HoneError } from '../base/errors.ts';
import type { Progress } from './evaluate.ts';

/** A run at work: an evaluation, an optimization. Iterating reads what is stored: late and several watchers see all. */
export interface RunHandle<Item, Result> extends AsyncIterable<Item> {
  /** The run's id, once it is known; rejects when the run cannot start. */
  readonly id: Promise<string>;
  progress(): Progress;
  /** Rejects when the run failed or was cancelled. */
  result(): Promise<Result>;
  /** Finishes what is in flight and starts nothing new. */
  cancel(reason?: unknown): void;
}

/** A run that has begun, as its watchers see it. */
export interface Activity {
  readonly runId: string;
  progress(): Progress;
}

/** What the work of a run gets. */
export interface RunWork {
  /** Starts nothing new once it aborts. */
  readonly stop: AbortSignal;
  /** Tells the run's id and progress, once they are known. */
  begin(activity: Activity): void;
}

export interface RunHandleOptions<Item> {
  /** Stops the run as `cancel` does. */
  readonly signal?: AbortSignal | undefined;
  /** What is stored of a run, and what comes, until it has ended. */
  watch(runId: string): AsyncIterable<Item>;
  /** The error of a run that was stopped. */
  cancelled(cause: unknown): HoneError;
}

const waiting: Progress = { phase: 'preparing', done: 0, calls: 0, cachedCalls: 0, elapsedMs: 0 };

/** Starts a run at once. Watching is optional, and who only watches does not crash the process. */
export function openRunHandle<Item, Result>(
  { signal, watch, cancelled }: RunHandleOptions<Item>,
  work: (work: RunWork) => Promise<Result>,
): RunHandle<Item, Result> {
  const cancel = new AbortController();
  const stop = signal === undefined ? cancel.signal : AbortSignal.any([signal, cancel.signal]);
  let current: Activity | undefined;
  let announce: (id: string) => void = () => undefined;
  let refuse: (reason: unknown) => void = () => undefined;
  const id = new Promise<string>((resolve, reject) => {
    announce = resolve;
    refuse = reject;
  });
  id.catch(() => undefined);
  const finished = work({
    stop,
    begin: (activity) => {
      current = activity;
      announce(activity.runId);
    },
  }).catch((thrown: unknown) => {
    refuse(thrown);
    throw stop.aborted && !HoneError.isInstance(thrown) ? cancelled(thrown) : thrown;
  });
  finished.catch(() => undefined);

  return {
    id,
    progress: () => current?.progress() ?? waiting,
    result: () => finished,
    cancel: (reason = cancelled(undefined)) => cancel.abort(reason),
    async *[Symbol.asyncIterator]() {
      yield* watch(await id);
      await finished;
    },
  };
}
