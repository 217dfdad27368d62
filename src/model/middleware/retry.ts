import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { type CallRecord, type ModelCall, type ModelMiddleware, wrapModel } from '../model.ts';

export interface RetryOptions {
  /** Further attempts after a fault that trying again may heal. @default 4 */
  readonly retries?: number | undefined;
  /**
   * Further attempts after an answer "too many requests". More than for faults, because in a storm a call
   * may lose its turn several times while the limiter is still slowing down. @default 10
   */
  readonly rateLimitRetries?: number | undefined;
  /** Longest wait before the first retry, in milliseconds; it doubles with each. @default 500 */
  readonly baseDelayMs?: number | undefined;
  /** Longest wait without a word from the server, in milliseconds. @default 30_000 */
  readonly maxDelayMs?: number | undefined;
  /** Longest wait that the server may ask for, in milliseconds. @default 60_000 */
  readonly maxRetryAfterMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Spreads the waits, so that callers that failed together do not come back together. @default Math.random */
  readonly random?: { next(): number } | undefined;
}

/**
 * Tries again after faults whose `facts.retryable` says that it may help: exponential back-off with full
 * jitter, and not before the time that the server named.
 *
 * @throws {HoneError} the last fault, saying how often the call was tried.
 * @see Brooker 2015, "Exponential Backoff And Jitter", AWS Architecture Blog (the "full jitter" form).
 */
export function withRetry(options: RetryOptions = {}): ModelMiddleware {
  const { retries = 4, rateLimitRetries = 10, clock = systemClock } = options;
  return (model) =>
    wrapModel(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      let faults = 0;
      let rejections = 0;
      while (true) {
        try {
          const answer = await call.proceed();
          return faults + rejections === 0 ? answer : { ...answer, retries: faults + rejections };
        } catch (thrown) {
          if (!HoneError.isInstance(thrown) || thrown.facts.retryable !== true) throw thrown;
          const isRejection = thrown.code === 'HONE_MODEL_RATE_LIMITED';
          if (isRejection ? rejections >= rateLimitRetries : faults >= retries) {
            throw exhausted(thrown, faults + rejections);
          }
          const delay = delayMs(thrown, { ...options, attempt: isRejection ? rejections : faults });
          if (isRejection) rejections += 1;
          else faults += 1;
          await clock.sleep(delay, call.options.signal);
        }
      }
    });
}

function delayMs(fault: HoneError, options: RetryOptions & { readonly attempt: number }): number {
  const { attempt, baseDelayMs = 500, maxDelayMs = 30_000, maxRetryAfterMs = 60_000 } = options;
  const jitter = (options.random?.next() ?? Math.random()) * Math.min(maxDelayMs, baseDelayMs * 2 ** attempt);
  const { retryAfterMs } = fault.facts;
  if (typeof retryAfterMs !== 'number') return jitter;
  // Never earlier than the server asks; a little later, so that not all come back in the same instant.
  return Math.min(retryAfterMs, maxRetryAfterMs) + Math.min(jitter, baseDelayMs);
}

function exhausted(fault: HoneError, retries: number): HoneError {
  if (retries === 0) return fault;
  return new HoneError(`${fault.message} (tried ${retries + 1} times)`, {
    code: fault.code,
    hint: fault.hint,
    cause: fault,
    facts: { ...fault.facts, retries },
  });
}
