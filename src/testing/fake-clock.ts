import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Moves on by `ms` and wakes, in order of time, whoever slept that long; work started meanwhile included. */
  advance(ms: number): Promise<void>;
  /** Callers asleep at the moment. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly wakeAt: number;
  wake(): void;
}

/** @param options.now Milliseconds since the epoch at the start. @default 2026-01-01T00:00:00Z */
export function fakeClock({
  now = Date.UTC(2026, 0, 1),
}: {
  readonly now?: number | undefined;
} = {}): FakeClock {
  let elapsed = 0;
  const sleepers = new Set<Sleeper>();
  const earliest = () => {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) if (first === undefined || sleeper.wakeAt < first.wakeAt) first = sleeper;
    return first;
  };
  return {
    now: () => now + elapsed,
    monotonic: () => elapsed,
    get sleepers() {
      return sleepers.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper: Sleeper = {
          wakeAt: elapsed + Math.max(0, ms),
          wake: () => {
            ignore?.();
            resolve();
          },
        };
        const ignore =
          signal &&
          onAbort(signal, () => {
            sleepers.delete(sleeper);
            reject(signal.reason);
          });
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (let next = earliest(); next !== undefined && next.wakeAt <= end; next = earliest()) {
        elapsed = Math.max(elapsed, next.wakeAt);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      elapsed = end;
      await settle();
    },
  };
}

/** Lets everything that can go on without time or input do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
