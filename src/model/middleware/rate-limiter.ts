import { onAbort } from '../../base/abort.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { type Circuit, createCircuit } from './circuit.ts';

export interface RateLimiterOptions {
  /** Most attempts under way at once. @default 64 */
  readonly concurrency?: number | undefined;
  /** Left out: as many as the server takes. */
  readonly requestsPerMinute?: number | undefined;
  /** Input and output tokens together, estimated before the call. Left out: as many as the server takes. */
  readonly tokensPerMinute?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A turn at the server; exactly one of its methods is called when the attempt is over. */
export interface Turn {
  /** The server answered, or failed for another reason than too many requests. */
  done(): void;
  /** The server said that there were too many requests. */
  rejected(retryAfterMs?: number | undefined): void;
}

export interface RateLimiter {
  /**
   * Waits for a turn, first come first served.
   *
   * @param tokens Estimated tokens of the attempt; counts only with `tokensPerMinute`.
   * @throws the signal's reason when it aborts while waiting, the circuit's error when the provider is gone.
   */
  turn(tokens: number, until?: Until): Promise<Turn>;
  /** What the calls of one model know together. */
  circuit(modelId: string): Circuit;
  readonly tokensPerMinute: number | undefined;
  /** How many attempts may run at once at the moment: the adapted limit. */
  readonly limit: number;
  /** Attempts under way. */
  readonly active: number;
  /** Callers waiting for a turn. */
  readonly waiting: number;
  /** Lets at least this many attempts run at once, if the server bears it. */
  admitAtLeast(concurrency: number): void;
}

/** What ends the wait for a turn. */
export interface Until {
  readonly signal?: AbortSignal | undefined;
  readonly circuit?: Circuit | undefined;
}

/** How long a server that rejects one attempt at a time is left alone; doubles with each rejection. */
const firstPauseMs = 500;
const longestPauseMs = 15_000;

interface Waiter {
  readonly tokens: number;
  start(): void;
}

/**
 * Limits the attempts at one server and adapts to it: when the server rejects, the number of concurrent
 * attempts halves, once for all attempts that were under way together, and nothing starts before the time
 * that the server named; each full round of answers then allows one more (additive increase, multiplicative
 * decrease). A server that rejects even one at a time while it answers nobody is asked ever more seldom.
 *
 * @see Chiu and Jain 1989, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance".
 */
export function createRateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  const { clock = systemClock, requestsPerMinute, tokensPerMinute } = options;
  let ceiling = atLeastOne(options.concurrency ?? 64);
  let limit = ceiling;
  let active = 0;
  let answersInRound = 0;
  let generation = 0;
  let rejectionsAtOne = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  let isWaking = false;
  const waiters = new Set<Waiter>();
  const circuits = new Map<string, Circuit>();
  const requests = requestsPerMinute === undefined ? undefined : createBucket(requestsPerMinute, clock);
  const tokens = tokensPerMinute === undefined ? undefined : createBucket(tokensPerMinute, clock);

  const waitMs = (amount: number) =>
    Math.max(notBefore - clock.monotonic(), requests?.waitMs(1) ?? 0, tokens?.waitMs(amount) ?? 0);

  const begin = (amount: number): Turn => {
    requests?.take(1);
    tokens?.take(amount);
    active += 1;
    const startedIn = generation;
    const end = () => {
      active -= 1;
      admit();
    };
    return {
      done: () => {
        rejectionsAtOne = 0;
        answersInRound += 1;
        if (answersInRound >= limit && limit < ceiling) {
          limit += 1;
          answersInRound = 0;
        }
        end();
      },
      rejected: (retryAfterMs) => {
        let pauseMs = retryAfterMs ?? 0;
        if (startedIn === generation) {
          if (limit === 1 && retryAfterMs === undefined) {
            pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** rejectionsAtOne);
            rejectionsAtOne += 1;
          }
          // Everything under way now was sent at the old pace, so its rejections say nothing new.
          generation += 1;
          limit = Math.max(1, Math.floor(limit / 2));
          answersInRound = 0;
        }
        notBefore = Math.max(notBefore, clock.monotonic() + pauseMs);
        end();
      },
    };
  };

  const admit = () => {
    for (const waiter of waiters) {
      if (active >= limit) return;
      const ms = waitMs(waiter.tokens);
      if (ms > 0) return wakeAfter(ms);
      waiters.delete(waiter);
      waiter.start();
    }
  };

  const wakeAfter = (ms: number) => {
    if (isWaking) return;
    isWaking = true;
    void clock.sleep(ms).then(() => {
      isWaking = false;
      admit();
    });
  };

  return {
    tokensPerMinute,
    get limit() {
      return limit;
    },
    get active() {
      return active;
    },
    get waiting() {
      return waiters.size;
    },
    admitAtLeast(concurrency) {
      if (concurrency <= ceiling) return;
      // An adapted limit stays: it grows on its own as the server answers.
      if (limit === ceiling) limit = concurrency;
      ceiling = concurrency;
      admit();
    },
    circuit(modelId) {
      const known = circuits.get(modelId);
      if (known !== undefined) return known;
      const circuit = createCircuit(clock);
      circuits.set(modelId, circuit);
      return circuit;
    },
    turn(amount, { signal, circuit } = {}) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (waiters.size === 0 && active < limit && waitMs(amount) <= 0) return Promise.resolve(begin(amount));
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          tokens: amount,
          start: () => {
            release();
            resolve(begin(amount));
          },
        };
        const leave = (reason: unknown) => {
          release();
          waiters.delete(waiter);
          reject(reason);
          // Whoever stood behind may need fewer tokens.
          admit();
        };
        const ignore = signal && onAbort(signal, () => leave(signal.reason));
        const unwatch = circuit?.onGone(leave);
        const release = () => {
          ignore?.();
          unwatch?.();
        };
        waiters.add(waiter);
        admit();
      });
    },
  };
}

function atLeastOne(concurrency: number): number {
  if (Number.isInteger(concurrency) && concurrency >= 1) return concurrency;
  throw new HoneError(`The concurrency must be a whole number from 1, got ${concurrency}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give a whole number such as 8.',
  });
}

/** A bucket that fills evenly and holds what ten seconds bring, so that a start does not spend a minute's share. */
function createBucket(perMinute: number, clock: Clock) {
  const capacity = Math.max(1, perMinute / 6);
  const perMs = perMinute / 60_000;
  let level = capacity;
  let filledAt = clock.monotonic();
  const fill = () => {
    const now = clock.monotonic();
    level = Math.min(capacity, level + (now - filledAt) * perMs);
    filledAt = now;
  };
  return {
    /** Milliseconds until `amount` is there; a request larger than the bucket waits for a full one. */
    waitMs(amount: number): number {
      fill();
      // A part of a token that is missing through rounding would cost a wake-up without progress.
      const lacking = Math.min(amount, capacity) - level;
      return lacking <= 1e-6 ? 0 : Math.ceil(lacking / perMs);
    },
    take(amount: number): void {
      fill();
      level -= amount;
    },
  };
}
