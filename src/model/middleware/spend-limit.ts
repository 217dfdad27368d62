import { onAbort } from '../../base/abort.ts';
import { HoneError } from '../../base/errors.ts';
import {
  type CallRecord,
  type Model,
  type ModelCall,
  type ModelMiddleware,
  type ModelPrice,
  wrapCalls,
} from '../model.ts';
import { priceOfModel } from '../pricing.ts';
import { estimateRequestTokens } from '../token-count.ts';
import { mayBeCharged } from './may-be-charged.ts';

/** Dollars set aside for a call under way. */
export interface SpendReservation {
  /**
   * Replaces the estimate by what the call cost. Only the first settling counts. A cost that is no number
   * from 0 leaves the estimate as it is.
   */
  settle(costUsd: number): void;
}

/** What may be spent, has been spent, and is set aside. Shared by all call paths of a run. */
export interface SpendLedger {
  /** US dollars. */
  readonly limitUsd: number;
  readonly spentUsd: number;
  readonly reservedUsd: number;
  /**
   * Sets the most that a call can cost aside. When it only fits if calls under way turn out cheaper than
   * their estimates, it waits for them, first come first served; never when nothing is under way that could
   * make room.
   *
   * @throws {HoneError} `HONE_BUDGET_EXHAUSTED` when it cannot fit, `HONE_OPTION_INVALID` for an estimate that
   *   is no number from 0, or the signal's reason.
   */
  reserve(estimateUsd: number, signal?: AbortSignal | undefined): Promise<SpendReservation>;
}

interface Waiter {
  readonly estimateUsd: number;
  start(): void;
  refuse(): void;
}

/**
 * @param options.limitUsd US dollars, 0 or more.
 * @param options.spentUsd Spent before, by an earlier process of the same run. @default 0
 * @throws {HoneError} `HONE_OPTION_INVALID` for an amount that is no number from 0.
 */
export function createSpendLedger(options: {
  readonly limitUsd: number;
  readonly spentUsd?: number | undefined;
}): SpendLedger {
  const { limitUsd } = options;
  let spentUsd = options.spentUsd ?? 0;
  if (!isAmount(limitUsd)) throw noAmount('The dollar limit', limitUsd);
  if (!isAmount(spentUsd)) throw noAmount('What was spent before', spentUsd);
  let reservedUsd = 0;
  let open = 0;
  const waiters = new Set<Waiter>();
  // Sums of binary fractions miss by less than this; no price is that small.
  const tolerance = 1e-9;
  const fits = (usd: number) => spentUsd + reservedUsd + usd <= limitUsd + tolerance;
  const canNeverFit = (usd: number) => spentUsd + usd > limitUsd + tolerance;
  const refusal = (usd: number) => exhausted({ estimateUsd: usd, spentUsd, limitUsd });

  const reserveNow = (estimateUsd: number): SpendReservation => {
    reservedUsd += estimateUsd;
    open += 1;
    let isOpen = true;
    return {
      settle(costUsd) {
        if (!isOpen) return;
        isOpen = false;
        open -= 1;
        // Nothing is set aside when nothing is under way, whatever the rounding of the sums left over.
        reservedUsd = open === 0 ? 0 : reservedUsd - estimateUsd;
        spentUsd += isAmount(costUsd) ? costUsd : estimateUsd;
        admit();
      },
    };
  };
  const admit = () => {
    for (const waiter of waiters) {
      if (canNeverFit(waiter.estimateUsd)) waiter.refuse();
      else if (fits(waiter.estimateUsd)) waiter.start();
      else if (open === 0) waiter.refuse();
      else return;
    }
  };

  return {
    limitUsd,
    get spentUsd() {
      return spentUsd;
    },
    get reservedUsd() {
      return reservedUsd;
    },
    reserve(estimateUsd, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (!isAmount(estimateUsd)) return Promise.reject(noAmount('The cost of a call', estimateUsd));
      if (canNeverFit(estimateUsd)) return Promise.reject(refusal(estimateUsd));
      if (waiters.size === 0 && fits(estimateUsd)) return Promise.resolve(reserveNow(estimateUsd));
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiters.delete(waiter);
          ignore?.();
        };
        const waiter: Waiter = {
          estimateUsd,
          start: () => {
            leave();
            resolve(reserveNow(estimateUsd));
          },
          refuse: () => {
            leave();
            reject(refusal(estimateUsd));
          },
        };
        const ignore =
          signal &&
          onAbort(signal, () => {
            leave();
            reject(signal.reason);
            admit();
          });
        waiters.add(waiter);
      });
    },
  };
}

export interface SpendLimitOptions {
  readonly ledger: SpendLedger;
  /** Instead of the model's own price. */
  readonly price?: ModelPrice | undefined;
  /** Tokens to expect of an answer whose request sets no `maxOutputTokens`. @default 4_096 */
  readonly assumedOutputTokens?: number | undefined;
}

/**
 * Sets aside the most that a call can cost before it is made, and settles what it did cost.
 *
 * @throws {HoneError} `HONE_PRICE_UNKNOWN` at once when the model has no known price,
 *   `HONE_BUDGET_EXHAUSTED` from a call that no longer fits.
 */
export function withSpendLimit(options: SpendLimitOptions): ModelMiddleware {
  const { ledger, assumedOutputTokens = 4_096 } = options;
  return (model) => {
    const price = priceOfModel(model, options.price);
    if (price === undefined) throw unknownPrice(model);
    return wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
      const output = call.kind === 'generate' ? (call.request.maxOutputTokens ?? assumedOutputTokens) : 0;
      const estimateUsd = (estimateRequestTokens(call.request) * price.input + output * price.output) / 1e6;
      const reservation = await ledger.reserve(estimateUsd, call.options.signal);
      // Shared with other limits of the path; an attempt without an answer may have been charged all the same.
      const account = call.options.account ?? { unanswered: undefined };
      try {
        const answer = await call.proceed({ ...call.options, account });
        reservation.settle((answer.costUsd ?? estimateUsd) + (account.unanswered ?? 0) * estimateUsd);
        return answer;
      } catch (thrown) {
        const unanswered = account.unanswered ?? (mayBeCharged(thrown, call.options.signal) ? 1 : 0);
        reservation.settle(unanswered * estimateUsd);
        throw thrown;
      }
    });
  };
}

/** Dollars: a number from 0. No limit at all is infinite. */
function isAmount(usd: number): boolean {
  return typeof usd === 'number' && usd >= 0;
}

function noAmount(what: string, usd: number): HoneError {
  return new HoneError(`${what} must be a number of US dollars from 0, got ${usd}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give a number such as 0.50, and prices as US dollars per million tokens.',
    facts: { retryable: false },
  });
}

function exhausted(facts: Readonly<Record<'estimateUsd' | 'spentUsd' | 'limitUsd', number>>): HoneError {
  const { estimateUsd, spentUsd, limitUsd } = facts;
  const dollars = (usd: number) => `${usd.toFixed(usd < 0.1 ? 4 : 2)} USD`;
  return new HoneError(
    `The budget of ${dollars(limitUsd)} is spent: ${dollars(spentUsd)} are used, and the next call may cost ${dollars(estimateUsd)}.`,
    {
      code: 'HONE_BUDGET_EXHAUSTED',
      hint: 'Raise the budget with `--budget-usd`, or lower `--max-output-tokens`.',
      facts: { ...facts, retryable: false },
    },
  );
}

/** What a dollar limit says of a model without a price. */
export function unknownPrice(model: Model): HoneError {
  return new HoneError(`The price of ${model.id} is unknown, so a dollar limit cannot be kept.`, {
    code: 'HONE_PRICE_UNKNOWN',
    hint: 'Give its price with `--price-input` and `--price-output` (US dollars per million tokens), or limit calls instead of dollars.',
    facts: { modelId: model.id },
  });
}
