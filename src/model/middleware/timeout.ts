import { onAbort } from '../../base/abort.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { type CallRecord, type Model, type ModelCall, type ModelMiddleware, wrapModel } from '../model.ts';

export interface TimeoutOptions {
  /** Longest time of one attempt in milliseconds; 0 for no limit. @default 120_000 */
  readonly ms?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Ends an attempt that takes too long. The call is aborted, and the caller is freed even if the model does
 * not heed the abort.
 *
 * @throws {HoneError} `HONE_MODEL_TIMEOUT`, which may be tried again.
 */
export function withTimeout({ ms = 120_000, clock = systemClock }: TimeoutOptions = {}): ModelMiddleware {
  if (ms <= 0) return (model) => model;
  return (model) => {
    const watch = createWatchdog(ms, clock);
    return wrapModel(
      model,
      <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> =>
        new Promise((resolve, reject) => {
          const { signal } = call.options;
          if (signal?.aborted) return reject(signal.reason);
          const attempt = new AbortController();
          const end = (reason: unknown) => {
            attempt.abort(reason);
            reject(reason);
          };
          const unwatch = watch(() => end(timedOut(model, ms)));
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

/**
 * One timer for all attempts of a model, because they all have the same time and so end in the order of
 * their starts; a timer with its own abort for each would cost more than the rest of the path.
 */
function createWatchdog(ms: number, clock: Clock): (bark: () => void) => () => void {
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
  return new HoneError(`${model.id} did not answer within ${ms / 1000} s.`, {
    code: 'HONE_MODEL_TIMEOUT',
    hint: 'Raise the time-out, or lower the longest answer with `maxOutputTokens`.',
    facts: { modelId: model.id, endpoint: model.endpoint, timeoutMs: ms, retryable: true },
  });
}
