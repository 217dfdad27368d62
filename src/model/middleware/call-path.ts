import { type Clock, systemClock } from '../../base/clock.ts';
import type { Model, ModelMiddleware, ModelPrice } from '../model.ts';
import { type AnswerCacheMode, type AnswerLog, withAnswerCache } from './answer-cache.ts';
import { withPrice } from './price.ts';
import { type RateLimiters, sharedRateLimiters, withRateLimit } from './rate-limit.ts';
import { type ObservedCall, withRecord } from './record.ts';
import { type RetryOptions, withRetry } from './retry.ts';
import { createSpendLedger, type SpendLedger, withSpendLimit } from './spend-limit.ts';
import { withTimeout } from './timeout.ts';

export type { AnswerCacheMode, AnswerLog };

export interface CallPathOptions {
  /** Where answers are kept. Left out: nothing is stored and nothing read. */
  readonly log?: AnswerLog | undefined;
  /** @default 'on' */
  readonly cache?: AnswerCacheMode | undefined;
  /** US dollars that the calls of this path may cost. Left out, and without a ledger: no limit. */
  readonly usd?: number | undefined;
  /** A budget shared with other paths, instead of `usd`. */
  readonly ledger?: SpendLedger | undefined;
  /** Instead of the model's own price. */
  readonly price?: ModelPrice | undefined;
  /** Most attempts at once at the model's endpoint, over all its paths. @default 64 */
  readonly concurrency?: number | undefined;
  /** @default those of the process */
  readonly limiters?: RateLimiters | undefined;
  readonly retry?: Omit<RetryOptions, 'clock' | 'random'> | undefined;
  /** Longest time of one attempt in milliseconds; 0 for no limit. @default 120_000, none in this process */
  readonly timeoutMs?: number | undefined;
  /** Sees every finished call, those from the cache too. */
  readonly observe?: ((call: ObservedCall) => void) | undefined;
  readonly clock?: Clock | undefined;
  /** Spreads the waits between retries. @default Math.random */
  readonly random?: RetryOptions['random'];
}

interface Path {
  readonly model: Model;
  readonly options: CallPathOptions;
  readonly ledgers: readonly SpendLedger[];
  readonly observers: readonly ((call: ObservedCall) => void)[];
}

const paths = new WeakMap<Model, Path>();

/**
 * Puts everything around a model that a call should pass, in the one right order: record ▸ cache ▸ spend
 * limit ▸ retry ▸ rate limit ▸ time-out ▸ price ▸ provider. A model that has a path already keeps its
 * options; what they left open is taken from here, and spend limits and observers add up.
 *
 * @throws {HoneError} `HONE_PRICE_UNKNOWN` when dollars are limited and the model's price is unknown.
 */
export function callPath(model: Model, options: CallPathOptions = {}): Model {
  const before = paths.get(model);
  const { usd, ledger = usd === undefined ? undefined : createSpendLedger({ limitUsd: usd }) } = options;
  const path: Path = {
    model: before?.model ?? model,
    options: { ...options, ...before?.options },
    ledgers: [...(before?.ledgers ?? []), ...(ledger === undefined ? [] : [ledger])],
    observers: [...(before?.observers ?? []), ...(options.observe === undefined ? [] : [options.observe])],
  };
  const wrapped = layersOf(path).reduce((inner, layer) => layer(inner), path.model);
  // The wrapped model may be the model itself, whose path is then as empty as it looks.
  if (wrapped !== model) paths.set(wrapped, { ...path, options: withoutAbsent(path.options) });
  return wrapped;
}

/** From the provider outwards. */
function layersOf({ model, options, ledgers, observers }: Path): ModelMiddleware[] {
  const { price, log, timeoutMs, clock = systemClock } = options;
  const layers = [withPrice({ price })];
  if (!model.inProcess) {
    const limiter = (options.limiters ?? sharedRateLimiters(clock)).of(model.endpoint);
    if (options.limiters === undefined) limiter.admitAtLeast(options.concurrency ?? 64);
    layers.push(withTimeout({ ms: timeoutMs, clock }), withRateLimit(limiter));
    layers.push(withRetry({ ...options.retry, clock, random: options.random }));
  } else if (timeoutMs !== undefined) layers.push(withTimeout({ ms: timeoutMs, clock }));
  for (const ledger of ledgers) layers.push(withSpendLimit({ ledger, price }));
  if (log !== undefined) layers.push(withAnswerCache({ log, mode: options.cache }));
  for (const observe of observers) layers.push(withRecord({ observe }));
  return layers;
}

/** What a path around this one must leave as it is; a log comes with its mode. */
function withoutAbsent({ log, cache, ...rest }: CallPathOptions): CallPathOptions {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(log && { log, cache: cache ?? 'on' }) };
}
