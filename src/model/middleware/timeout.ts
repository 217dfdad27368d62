import { abortable, followSignal } from '../../base/abort.ts';
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
  return (model) =>
    wrapModel(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      const attempt = followSignal(call.options.signal);
      const timer = new AbortController();
      clock.sleep(ms, timer.signal).then(
        () => attempt.abort(timedOut(model, ms)),
        () => undefined,
      );
      try {
        return await abortable(call.proceed({ ...call.options, signal: attempt.signal }), attempt.signal);
      } finally {
        timer.abort();
        attempt.release();
      }
    });
}

function timedOut(model: Model, ms: number): HoneError {
  return new HoneError(`${model.id} did not answer within ${ms / 1000} s.`, {
    code: 'HONE_MODEL_TIMEOUT',
    hint: 'Raise the time-out, or lower the longest answer with `maxOutputTokens`.',
    facts: { modelId: model.id, endpoint: model.endpoint, timeoutMs: ms, retryable: true },
  });
}
