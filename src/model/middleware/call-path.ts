import { type Clock, systemClock } from '../../base/clock.ts';
import type { Model, ModelMiddleware, ModelPrice } from '../model.ts';
import {
  type AnswerCacheMode,
  type AnswerCacheOptions,
  type AnswerLog,
  withAnswerCache,
} from './answer-cache.ts';
import { withAnswerCheck } from './check-answer.ts';
import { type Bound, withBound } from './deadline.ts';
import { withNotices } from './notices.ts';
import { withPrice } from './price.ts';
import { type RateLimiters, sharedRateLimiters, withRateLimit } from './rate-limit.ts';
import { type ObservedCall, withRecord } from './record.ts';
import { type RetryOptions, withRetry } from './retry.ts';
import { createSpendLedger, type SpendLedger, withSpendLimit } from './spend-limit.ts';
import { withAbort, withTimeout } from './timeout.ts';

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
  readonly retry?: Omit<RetryOptions, 'clock' | 'random' | 'circuit'> | undefined;
  /** Longest time of one attempt in milliseconds; 0 for no limit. @default 120_000, none in this process */
  readonly timeoutMs?: number | undefined;
  /** Sees every finished call, those from the cache too. */
  readonly observe?: ((call: ObservedCall) => void) | undefined;
  /** Is told each notice of an answer (`CallRecord.notices`) once, those of stored answers too. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  /**
   * When everything ends, on the clock's `monotonic()` in milliseconds: what waits or is under way then fails
   * with `HONE_BUDGET_EXHAUSTED` (`facts.limit` 'minutes'). @default never
   */
  readonly deadline?: number | undefined;
  /** Ends every call of the path with its reason, at once, as the signal of a single call ends that one. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Spreads the waits between retries. @default Math.random */
  readonly random?: RetryOptions['random'];
}

interface Path {
  readonly model: Model;
  readonly options: PathOptions;
  readonly ledgers: readonly SpendLedger[];
  readonly observers: readonly ((call: ObservedCall) => void)[];
  readonly listeners: readonly ((notice: string) => void)[];
  readonly bounds: readonly Bound[];
}

type PathOptions = Omit<CallPathOptions, 'usd' | 'ledger' | 'observe' | 'onNotice' | 'deadline' | 'signal'>;

const paths = new WeakMap<Model, Path>();

/** Models that say how their path is to be, and have none yet. */
const defaults = new WeakMap<Model, PathOptions>();

/**
 * Puts everything around a model that a call should pass, in the one right order: record ▸ cache ▸ bound ▸
 * spend limit ▸ retry ▸ rate limit ▸ time-out ▸ price ▸ check ▸ provider. A model that has a path already
 * keeps its options; what they left open is taken from here, and spend limits, deadlines, signals and
 * observers add up.
 *
 * Calls fail with `facts.providerGone` when the provider answers nobody any more: no other call of this model
 * would be answered either. A new path asks it again.
 *
 * @throws {HoneError} `HONE_PRICE_UNKNOWN` when dollars are limited and the model's price is unknown.
 */
export function callPath(model: Model, options: CallPathOptions = {}): Model {
  const before = paths.get(model);
  const { usd, ledger = usd === undefined ? undefined : createSpendLedger({ limitUsd: usd }) } = options;
  const { observe, onNotice, deadline, signal, usd: _usd, ledger: _ledger, ...rest } = options;
  const hasBound = deadline !== undefined || signal !== undefined;
  const path: Path = {
    model: before?.model ?? model,
    options: { ...rest, ...(before?.options ?? defaults.get(model)) },
    ledgers: [...(before?.ledgers ?? []), ...present(ledger)],
    observers: [...(before?.observers ?? []), ...present(observe)],
    listeners: [...(before?.listeners ?? []), ...present(onNotice)],
    bounds: [...(before?.bounds ?? []), ...(hasBound ? [{ deadline, signal }] : [])],
  };
  const wrapped = layersOf(path, before === undefined).reduce((inner, layer) => layer(inner), path.model);
  paths.set(wrapped, { ...path, options: withoutAbsent(path.options) });
  return wrapped;
}

/**
 * The same model, whose paths take these options before those that they are given: what a person said of one
 * model, such as its time-out.
 */
export function withPathDefaults(
  model: Model,
  options: Pick<CallPathOptions, 'timeoutMs' | 'retry' | 'price'>,
): Model {
  const copy = { ...model };
  const before = paths.get(model);
  if (before === undefined) defaults.set(copy, { ...withoutAbsent(options), ...defaults.get(model) });
  else paths.set(copy, { ...before, options: { ...withoutAbsent(options), ...before.options } });
  return copy;
}

/** From the provider outwards. */
function layersOf(
  { model, options, ledgers, observers, listeners, bounds }: Path,
  isNew: boolean,
): ModelMiddleware[] {
  const { price, log, timeoutMs, clock = systemClock } = options;
  const layers: ModelMiddleware[] = [withAnswerCheck, withPrice({ price })];
  let onStored: AnswerCacheOptions['onStored'];
  if (!model.inProcess) {
    const limiter = (options.limiters ?? sharedRateLimiters(clock)).of(model.endpoint);
    if (options.limiters === undefined) limiter.admitAtLeast(options.concurrency ?? 64);
    const circuit = limiter.circuit(model.id);
    if (isNew) circuit.reset();
    onStored = circuit.remember;
    layers.push(withTimeout({ ms: timeoutMs, clock }), withRateLimit(limiter));
    layers.push(withRetry({ ...options.retry, clock, random: options.random, circuit }));
  } else layers.push(timeoutMs === undefined ? withAbort : withTimeout({ ms: timeoutMs, clock }));
  for (const ledger of ledgers) layers.push(withSpendLimit({ ledger, price }));
  for (const bound of bounds) layers.push(withBound(bound, clock));
  if (log !== undefined) layers.push(withAnswerCache({ log, mode: options.cache, onStored }));
  for (const listener of listeners) layers.push(withNotices(listener));
  for (const observe of observers) layers.push(withRecord({ observe }));
  return layers;
}

function present<Value>(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}

/** What a path around this one must leave as it is; a log comes with its mode. */
function withoutAbsent({ log, cache, ...rest }: PathOptions): PathOptions {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(log && { log, cache: cache ?? 'on' }) };
}
