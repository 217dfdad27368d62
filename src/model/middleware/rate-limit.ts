import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { type CallRecord, type ModelCall, type ModelMiddleware, wrapCalls } from '../model.ts';
import { estimateRequestTokens } from '../token-count.ts';
import { mayBeCharged } from './may-be-charged.ts';
import { createRateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter.ts';

/** A server that asks for a longer pause counts as gone instead. */
const longestPauseMs = 120_000;

/**
 * Lets an attempt pass when the limiter gives it a turn, and tells the limiter when the server rejects it.
 * The wait is not part of the answer's latency.
 */
export function withRateLimit(limiter: RateLimiter): ModelMiddleware {
  return (model) => {
    const circuit = limiter.circuit(model.id);
    return wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      const tokens =
        limiter.tokensPerMinute === undefined
          ? 0
          : estimateRequestTokens(call.request) + (call.request.maxOutputTokens ?? 0);
      const { signal, account } = call.options;
      if (account !== undefined) account.unanswered ??= 0;
      const turn = await limiter.turn(tokens, { signal, circuit });
      try {
        const answer = await call.proceed();
        turn.done();
        return answer;
      } catch (thrown) {
        if (HoneError.isInstance(thrown) && thrown.code === 'HONE_MODEL_RATE_LIMITED') {
          const { retryAfterMs } = thrown.facts;
          turn.rejected(
            typeof retryAfterMs === 'number' ? Math.min(retryAfterMs, longestPauseMs) : undefined,
          );
        } else turn.done();
        if (account?.unanswered !== undefined && mayBeCharged(thrown, signal)) account.unanswered += 1;
        throw thrown;
      }
    });
  };
}

/** One limiter for each endpoint, so that the models of one provider share its limits. */
export interface RateLimiters {
  of(endpoint: string): RateLimiter;
}

export function createRateLimiters(options: RateLimiterOptions = {}): RateLimiters {
  const byEndpoint = new Map<string, RateLimiter>();
  return {
    of(endpoint) {
      const known = byEndpoint.get(endpoint);
      if (known !== undefined) return known;
      const limiter = createRateLimiter(options);
      byEndpoint.set(endpoint, limiter);
      return limiter;
    },
  };
}

const sharedByClock = new WeakMap<Clock, RateLimiters>();

/**
 * The limiters that every call path uses unless it is given others: a server limits the whole process,
 * whoever asks. One set for each clock, so that tests stay apart.
 */
export function sharedRateLimiters(clock: Clock = systemClock): RateLimiters {
  const known = sharedByClock.get(clock);
  if (known !== undefined) return known;
  // Starts at 1 and is raised by the call paths to what they ask for.
  const limiters = createRateLimiters({ concurrency: 1, clock });
  sharedByClock.set(clock, limiters);
  return limiters;
}
