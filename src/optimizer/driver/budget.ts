import { type Amounts, minus, nothing, plus, smallest, times } from './amounts.ts';
import type { OptimizationBudget } from './optimize-options.ts';
import type { EffectKey } from './record.ts';
import type { Reserve } from './reserve.ts';

/**
 * What may be spent by someone: a run, its search, a nested search. Deterministic: it counts what rows and
 * reflections take, at their original price, whether they were stored or not, and each distinct request once.
 */
export interface Account {
  /** What may still be taken on; negative when more was taken than there was. */
  left(): Amounts;
  /** What is kept back from this account for just these effects, by `textOf`: it may be taken on beside what is left. */
  keptFor(keys: readonly EffectKey[]): ReadonlyMap<string, Amounts>;
  charge(amounts: Amounts): void;
  /** An account inside this one with a share of what is left now. */
  nest(share: number): Account;
}

/** The account of a whole run. The proof spends from it; a search from one that keeps back what the proof needs. */
export interface RunBudget extends Account {
  readonly used: Amounts;
  /** The limits; infinite where there is none. */
  readonly most: Amounts;
  /** @param reserve What the confirmation and the proof still need, asked anew each time. */
  search(reserve: Reserve): Account;
}

/**
 * @param setAsideUsd Dollars that the call path sets aside for a call under way, most of which come back: plans
 *   leave them out, so that the last call of a proof is not refused. @default 0
 */
export function createRunBudget(limits: OptimizationBudget, setAsideUsd = 0): RunBudget {
  let used = nothing;
  const most: Amounts = {
    calls: limits.calls ?? Number.POSITIVE_INFINITY,
    reflectionCalls: limits.reflectionCalls ?? Number.POSITIVE_INFINITY,
    tokens: limits.tokens ?? Number.POSITIVE_INFINITY,
    usd: limits.usd === undefined ? Number.POSITIVE_INFINITY : limits.usd - setAsideUsd,
  };
  const left = () => minus(most, used);
  const charge = (amounts: Amounts) => {
    used = plus(used, amounts);
  };
  return {
    get used() {
      return used;
    },
    most,
    left,
    keptFor: () => new Map(),
    charge,
    nest: (share) => nested({ left, keptFor: () => new Map(), charge }, share),
    search: (reserve) => within({ left: () => minus(left(), reserve.total()), keptFor: reserve.of, charge }),
  };
}

type Source = Pick<Account, 'left' | 'keptFor' | 'charge'>;

function within(source: Source): Account {
  return { ...source, nest: (share) => nested(source, share) };
}

function nested(outer: Source, share: number): Account {
  const most = share === 1 ? undefined : times(outer.left(), share);
  let used = nothing;
  return within({
    left: () => (most === undefined ? outer.left() : smallest(outer.left(), minus(most, used))),
    // A share is a share of what is left: what is kept back is not part of it.
    keptFor: most === undefined ? outer.keptFor : () => new Map(),
    charge: (amounts) => {
      used = plus(used, amounts);
      outer.charge(amounts);
    },
  });
}
