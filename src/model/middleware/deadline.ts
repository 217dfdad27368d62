import { onAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import type { CallOptions, CallRecord, Model, ModelCall, ModelMiddleware } from '../model.ts';
import { wrapCalls } from '../model.ts';

/** What ends all calls of a path at once. */
export interface Bound {
  /** On the clock's `monotonic()`, in milliseconds. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Ends every call of a path at its deadline or when its signal aborts, whether it waits for a turn, for money
 * or for the next try, or is under way. What is stored can still be read.
 *
 * @throws {HoneError} `HONE_BUDGET_EXHAUSTED` with `facts.limit` 'minutes' at the deadline; the signal's reason.
 */
export function withBound(bound: Bound, clock: Clock): ModelMiddleware {
  const end = endOf(bound, clock);
  return (model: Model) =>
    wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      end.check();
      const leave = end.enter();
      try {
        return await call.proceed(followed(call.options, end.signal));
      } finally {
        leave();
      }
    });
}

interface End {
  readonly signal: AbortSignal;
  /** @throws the reason when it is over. */
  check(): void;
  /** Counts a call under way, so that the timer runs only while one is. @returns leaves. */
  enter(): () => void;
}

function endOf({ deadline, signal }: Bound, clock: Clock): End {
  const controller = new AbortController();
  let underWay = 0;
  let ignore: (() => void) | undefined;
  let sleeping: AbortController | undefined;
  const isOver = () => deadline !== undefined && clock.monotonic() >= deadline;
  const start = () => {
    if (deadline === undefined || sleeping !== undefined || controller.signal.aborted) return;
    const stop = new AbortController();
    sleeping = stop;
    clock.sleep(deadline - clock.monotonic(), stop.signal).then(
      () => controller.abort(timeIsUp()),
      // Stopped, because nothing is under way.
      () => undefined,
    );
  };
  return {
    signal: controller.signal,
    check() {
      if (signal?.aborted) controller.abort(signal.reason);
      if (isOver() && !controller.signal.aborted) controller.abort(timeIsUp());
      controller.signal.throwIfAborted();
    },
    enter() {
      underWay += 1;
      ignore ??= signal && onAbort(signal, () => controller.abort(signal.reason));
      start();
      return () => {
        underWay -= 1;
        if (underWay > 0) return;
        // A timer left behind would keep the process alive.
        sleeping?.abort('nothing under way');
        sleeping = undefined;
        ignore?.();
        ignore = undefined;
      };
    },
  };
}

// One combination for each signal, because a run passes the same one to all its calls.
const combined = new WeakMap<AbortSignal, WeakMap<AbortSignal, AbortSignal>>();

function followed(options: CallOptions, end: AbortSignal): CallOptions {
  const { signal } = options;
  if (signal === undefined) return { ...options, signal: end };
  const known = combined.get(end) ?? new WeakMap<AbortSignal, AbortSignal>();
  combined.set(end, known);
  const both = known.get(signal) ?? AbortSignal.any([signal, end]);
  known.set(signal, both);
  return { ...options, signal: both };
}

function timeIsUp(): HoneError {
  return new HoneError('The time of the run is up.', {
    code: 'HONE_BUDGET_EXHAUSTED',
    hint: 'Give more with `--max-minutes`; what was answered is kept.',
    facts: { limit: 'minutes', retryable: false },
  });
}
