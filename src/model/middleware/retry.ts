import { followSignal } from '../../base/abort.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import {
  type CallOptions,
  type CallRecord,
  type Model,
  type ModelCall,
  type ModelMiddleware,
  wrapCalls,
} from '../model.ts';
import { type Circuit, createCircuit, faultKindOf, providerGone } from './circuit.ts';

export interface RetryOptions {
  /** Further attempts after a fault that trying again may heal. @default 4 */
  readonly retries?: number | undefined;
  /** Further attempts after an attempt that timed out; each gets less time. @default 2, at most `retries` */
  readonly timeoutRetries?: number | undefined;
  /**
   * Further attempts after an answer "too many requests". More than for faults, because in a storm a call
   * may lose its turn several times while the limiter is still slowing down. @default 10
   */
  readonly rateLimitRetries?: number | undefined;
  /**
   * Longest time in milliseconds that a call is rejected while the provider answers nobody. Longer than a
   * minute, because that is how long most limits take to refill. @default 120_000
   */
  readonly rejectedMs?: number | undefined;
  /** Longest wait before the first retry, in milliseconds; it doubles with each. @default 500 */
  readonly baseDelayMs?: number | undefined;
  /** Longest wait without a word from the server, in milliseconds. @default 30_000 */
  readonly maxDelayMs?: number | undefined;
  /**
   * Longest wait that the server may ask for, in milliseconds. A server that asks for more counts as gone.
   * @default 120_000
   */
  readonly maxRetryAfterMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Spreads the waits, so that callers that failed together do not come back together. @default Math.random */
  readonly random?: { next(): number } | undefined;
  /** What all calls of the model know together. @default one of its own */
  readonly circuit?: Circuit | undefined;
}

/**
 * Tries again after faults whose `facts.retryable` says that it may help: exponential back-off with jitter,
 * and not before the time that the server named. Ends at once, for all calls, when the provider is gone.
 *
 * @throws {HoneError} the last fault, saying how often the call was tried (`facts.retries`), and with
 *   `facts.providerGone` when no other call will be answered either.
 * @see Brooker 2015, "Exponential Backoff And Jitter", AWS Architecture Blog (the "full jitter" form).
 */
export function withRetry(options: RetryOptions = {}): ModelMiddleware {
  const { clock = systemClock, circuit = createCircuit(clock) } = options;
  return (model) =>
    wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      circuit.admit();
      const tries = startTries(options, circuit, clock);
      let callOptions = call.options;
      while (true) {
        try {
          const answer = await call.proceed(callOptions);
          circuit.answered(answer.latencyMs);
          circuit.remember(call);
          return tries.count === 0 ? answer : { ...answer, retries: tries.count };
        } catch (thrown) {
          if (!HoneError.isInstance(thrown) || call.options.signal?.aborted) throw thrown;
          const next = tries.after(thrown);
          const delay =
            next.suspicion === undefined ? next.outcome : await decided(next, { circuit, call, model });
          if (typeof delay !== 'number') throw delay;
          if (callOptions === call.options) callOptions = hurried(callOptions, thrown, circuit);
          await sleepUnlessGone(delay, { clock, circuit, signal: call.options.signal });
        }
      }
    });
}

/** What follows a failed attempt. */
interface Next {
  /** Milliseconds to wait before the next attempt, or the error that ends the call. */
  readonly outcome: number | HoneError;
  /** The fault as it is told, where it makes the provider suspected. */
  readonly suspicion?: HoneError | undefined;
}

/** The tries of one call. */
interface Tries {
  /** Further attempts so far. */
  readonly count: number;
  after(fault: HoneError): Next;
}

/** Asks whether the provider is gone before a call that makes it suspected goes on or fails. */
async function decided<Answer extends CallRecord>(
  { outcome, suspicion }: Next,
  {
    circuit,
    call,
    model,
  }: { readonly circuit: Circuit; readonly call: ModelCall<Answer>; readonly model: Model },
): Promise<number | HoneError> {
  if (suspicion === undefined) return outcome;
  const { signal, account } = call.options;
  // The request that is asked again costs about as much as this one.
  if (account !== undefined) account.unanswered = (account.unanswered ?? 0) + 1;
  const isGone = await circuit.check(suspicion, { model, signal });
  if (signal?.aborted) throw signal.reason;
  return isGone ? providerGone(suspicion) : outcome;
}

function startTries(options: RetryOptions, circuit: Circuit, clock: Clock): Tries {
  const { retries = 4, rateLimitRetries = 10, rejectedMs = 120_000, maxRetryAfterMs = 120_000 } = options;
  const timeoutRetries = Math.min(retries, options.timeoutRetries ?? 2);
  let faults = 0;
  let timeouts = 0;
  let rejections = 0;
  let answersBefore = circuit.answers;
  let rejectedSince = 0;

  const give = (fault: HoneError) => counted(fault, faults + rejections);
  /** Everything ends: for this call and for all others. */
  const stop = (fault: HoneError) => {
    const error = providerGone(give(fault));
    circuit.close(error);
    return error;
  };
  const rejected = (fault: HoneError): Next => {
    const { retryable, retryAfterMs = 0 } = fault.facts;
    if (typeof retryAfterMs === 'number' && retryAfterMs > maxRetryAfterMs)
      return { outcome: stop(tooLong(fault, retryAfterMs)) };
    if (retryable !== true) return { outcome: stop(fault) };
    if (rejections === 0 || circuit.answers !== answersBefore) {
      answersBefore = circuit.answers;
      rejectedSince = clock.monotonic();
    }
    const delay = delayMs(fault, { ...options, attempt: rejections, share: 0.5 });
    const isSilent = circuit.answers === answersBefore && rejections > 0;
    const isTooLate = isSilent && clock.monotonic() + delay - rejectedSince > rejectedMs;
    if (rejections >= rateLimitRetries || isTooLate) {
      const error = give(fault);
      return { outcome: error, ...(isSilent && { suspicion: error }) };
    }
    rejections += 1;
    return { outcome: delay };
  };
  const failed = (fault: HoneError): Next => {
    const isTimeout = faultKindOf(fault) === 'timeout';
    const suspicion = isTimeout && timeouts === 0 && circuit.timedOut(give(fault)) ? give(fault) : undefined;
    const isOver = faults >= retries || (isTimeout && timeouts >= timeoutRetries);
    if (fault.facts.retryable !== true || isOver) {
      const error = give(fault);
      const isLost = circuit.lost(error);
      if (circuit.isGone) return { outcome: providerGone(error) };
      return { outcome: error, ...(isLost && { suspicion: error }) };
    }
    if (circuit.isGone) return { outcome: providerGone(give(fault)) };
    const delay = delayMs(fault, { ...options, attempt: faults, share: 1 });
    faults += 1;
    if (isTimeout) timeouts += 1;
    return { outcome: delay, suspicion };
  };

  return {
    get count() {
      return faults + rejections;
    },
    after(fault) {
      if (fault.facts.providerGone === true) return { outcome: give(fault) };
      switch (faultKindOf(fault)) {
        case 'rejection':
          return circuit.isGone ? { outcome: providerGone(give(fault)) } : rejected(fault);
        case 'timeout':
        case 'fault':
          return failed(fault);
        case 'answer':
          if (fault.facts.retryable === true) return failed(fault);
          circuit.answered();
          return { outcome: give(fault) };
        default:
          return { outcome: give(fault) };
      }
    },
  };
}

/**
 * What took too long once is given less time: a quarter, but three times the slowest answer so far, so that
 * one request without an answer does not hold the run.
 */
function hurried(options: CallOptions, fault: HoneError, { slowestMs }: Circuit): CallOptions {
  const { timeoutMs } = fault.facts;
  if (fault.code !== 'HONE_MODEL_TIMEOUT' || typeof timeoutMs !== 'number') return options;
  // Whole seconds, because each length of time has a timer of its own.
  const enough = Math.ceil((3 * slowestMs) / 1000) * 1000;
  return { ...options, timeoutMs: Math.min(timeoutMs, Math.max(timeoutMs / 4, enough)) };
}

interface Waiting {
  readonly clock: Clock;
  readonly circuit: Circuit;
  readonly signal: AbortSignal | undefined;
}

async function sleepUnlessGone(ms: number, { clock, circuit, signal }: Waiting): Promise<void> {
  const waking = followSignal(signal);
  const ignore = circuit.onGone(waking.abort);
  try {
    await clock.sleep(ms, waking.signal);
  } finally {
    ignore();
    waking.release();
  }
}

interface Delaying extends RetryOptions {
  readonly attempt: number;
  /** Which part of the wait is drawn by lot. Rejections wait at least half: a limit needs its time to refill. */
  readonly share: number;
}

function delayMs(fault: HoneError, options: Delaying): number {
  const { attempt, share, baseDelayMs = 500, maxDelayMs = 30_000 } = options;
  const longest = Math.min(maxDelayMs, baseDelayMs * 2 ** attempt);
  const lot = options.random?.next() ?? Math.random();
  const jitter = longest * (1 - share + share * lot);
  const { retryAfterMs } = fault.facts;
  if (typeof retryAfterMs !== 'number') return jitter;
  // Never earlier than the server asks; a little later, so that not all come back in the same instant.
  return retryAfterMs + Math.min(longest * lot, baseDelayMs);
}

/** The fault, saying how often the call was tried. */
function counted(fault: HoneError, retries: number): HoneError {
  if (retries === 0 || fault.facts.retries === retries) return fault;
  return new HoneError(`${fault.message} (tried ${retries + 1} times)`, {
    code: fault.code,
    hint: fault.hint,
    cause: fault,
    facts: { ...fault.facts, retries },
  });
}

function tooLong(fault: HoneError, retryAfterMs: number): HoneError {
  return new HoneError(`${fault.message} It asks to wait ${duration(retryAfterMs)}.`, {
    code: fault.code,
    hint: 'Run the same command again after that time; what was answered is kept. Or use another key or model.',
    cause: fault.cause,
    facts: { ...fault.facts, retryable: false },
  });
}

function duration(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.ceil(ms / 60_000)} minutes`;
  return `${Math.round(ms / 3_600_000)} hours`;
}
