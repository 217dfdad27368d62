import { abortable, onAbort } from '../../base/abort.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { type CallRecord, type Model, type ModelCall, type ModelMiddleware, wrapCalls } from '../model.ts';

export interface TimeoutOptions {
  /** Longest time of one attempt in milliseconds; 0 for no limit. @default 120_000 */
  readonly ms?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Ends an attempt that takes too long (`CallOptions.timeoutMs` may give it less). The call is aborted, and
 * the caller is freed at once, by time or by its signal, even if the model does not heed the abort.
 *
 * @throws {HoneError} `HONE_MODEL_TIMEOUT`, which may be tried again.
 */
export function withTimeout({ ms = 120_000, clock = systemClock }: TimeoutOptions = {}): ModelMiddleware {
  if (ms <= 0) return withAbort;
  return (model) => {
    const watchdogs = new Map<number, Watchdog>();
    const watchdogFor = (limitMs: number): Watchdog => {
      const known = watchdogs.get(limitMs);
      if (known !== undefined) return known;
      const watchdog = createWatchdog(limitMs, clock);
      watchdogs.set(limitMs, watchdog);
      return watchdog;
    };
    const watch = watchdogFor(ms);
    return wrapCalls(
      model,
      <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> =>
        new Promise((resolve, reject) => {
          const { signal, timeoutMs = ms } = call.options;
          if (signal?.aborted) return reject(signal.reason);
          const attempt = new AbortController();
          const end = (reason: unknown) => {
            // A model that does not heed the abort must not keep a timer, and so the process, alive.
            release();
            attempt.abort(reason);
            reject(reason);
          };
          const limitMs = Math.min(ms, timeoutMs);
          const watchAttempt = limitMs === ms ? watch : watchdogFor(limitMs);
          const unwatch = watchAttempt(() => end(timedOut(model, limitMs)));
          const ignore = signal && onAbort(signal, () => end(signal.reason));
          const release = () => {
            unwatch();
            ignore?.();
          };
          call
            .proceed({ ...call.options, signal: attempt.signal })
            .then(resolve, reject)
            .finally(release);
        }),
    );
  };
}

/** Frees the caller as soon as its signal aborts, even if the model does not heed it. */
export function withAbort(model: Model): Model {
  return wrapCalls(model, <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    const { signal } = call.options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return abortable(call.proceed(), signal);
  });
}

/** Watches one attempt. @returns stops watching. */
type Watchdog = (bark: () => void) => () => void;

/**
 * One timer for all attempts of a model, because they all have the same time and so end in the order of
 * their starts; a timer with its own abort for each would cost more than the rest of the path.
 */
function createWatchdog(ms: number, clock: Clock): Watchdog {
  interface Watched {
    readonly deadline: number;
    bark(): void;
  }
  const watched = new Set<Watched>();
  let sleeping: AbortController | undefined;
  const sleepUntilFirst = async (stop: AbortController) => {
    for (const first of watched) {
      const left = first.deadline - clock.monotonic();
      if (left > 0) {
        await clock.sleep(left, stop.signal);
        if (!watched.has(first)) continue;
      }
      watched.delete(first);
      first.bark();
    }
    if (sleeping === stop) sleeping = undefined;
  };
  return (bark) => {
    const entry: Watched = { deadline: clock.monotonic() + ms, bark };
    watched.add(entry);
    if (sleeping === undefined) {
      sleeping = new AbortController();
      // Rejects only when it is stopped.
      sleepUntilFirst(sleeping).catch(() => undefined);
    }
    return () => {
      watched.delete(entry);
      if (watched.size > 0) return;
      // A timer left behind would keep the process alive.
      sleeping?.abort('nothing to watch');
      sleeping = undefined;
    };
  };
}

function timedOut(model: Model, ms: number): HoneError {
  const seconds = Number((ms / 1000).toPrecision(3));
  return new HoneError(`${model.id} did not answer within ${seconds} s.`, {
    code: 'HONE_MODEL_TIMEOUT',
    hint: 'Raise the time-out with `--timeout` (`timeoutMs` in code), or lower the longest answer with `--max-output-tokens`.',
    facts: { modelId: model.id, endpoint: model.endpoint, timeoutMs: ms, retryable: true },
  });
}
