import { onAbort } from './abort.ts';

/** Time comes in as a parameter, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal | undefined): Promise<void>;
}

/** The longest wait that a timer takes: one of more ends at once. 24.8 days. */
export const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let timer: ReturnType<typeof setTimeout>;
      const wait = (left: number) => {
        timer = setTimeout(
          () => {
            if (left > longestTimerMs) return wait(left - longestTimerMs);
            ignore?.();
            resolve();
          },
          Math.min(left, longestTimerMs),
        );
      };
      wait(ms);
      const ignore =
        signal &&
        onAbort(signal, () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
    }),
};
