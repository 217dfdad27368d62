import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import type { EmbeddingModel } from '../embedding-model.ts';

export interface RetryEmbeddingOptions {
  /** Further attempts after a fault that trying again may heal. @default 4 */
  readonly retries?: number | undefined;
  readonly clock?: Clock | undefined;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;

/**
 * An embedding model that tries again after faults whose `facts.retryable` says that it may help, with a wait that
 * doubles, or as long as the server says. One in this process is taken as it is.
 */
export function withEmbeddingRetry(
  model: EmbeddingModel,
  { retries = 4, clock = systemClock }: RetryEmbeddingOptions = {},
): EmbeddingModel {
  if (model.inProcess) return model;
  return {
    ...model,
    async embed(texts, options = {}) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await model.embed(texts, options);
        } catch (thrown) {
          const mayHeal = HoneError.isInstance(thrown) && thrown.facts.retryable === true;
          if (!mayHeal || attempt >= retries || options.signal?.aborted) throw thrown;
          const { retryAfterMs } = thrown.facts;
          const wait = typeof retryAfterMs === 'number' ? retryAfterMs : firstDelayMs * 2 ** attempt;
          await clock.sleep(Math.min(longestDelayMs, wait), options.signal);
        }
      }
    },
  };
}
