/** What something takes of each limit of a run. */
export interface Amounts {
  /** Calls of the models that answer rows, judges of rows included. */
  readonly calls: number;
  /** Calls of models that the search asks itself. */
  readonly reflectionCalls: number;
  /** Input and output tokens of all calls. */
  readonly tokens: number;
  /** US dollars of all calls, at their original price. */
  readonly usd: number;
}

export type AmountName = keyof Amounts;

const names = ['calls', 'reflectionCalls', 'tokens', 'usd'] as const satisfies readonly AmountName[];

export const nothing: Amounts = { calls: 0, reflectionCalls: 0, tokens: 0, usd: 0 };

export function plus(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (x, y) => x + y);
}

/** What is left of `a`; no limit minus anything is no limit. */
export function minus(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (x, y) => (x === Number.POSITIVE_INFINITY ? x : x - y));
}

export function times(a: Amounts, factor: number): Amounts {
  return combine(a, a, (x) => (x === 0 ? 0 : x * factor));
}

export function smallest(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, Math.min);
}

export function largest(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, Math.max);
}

/** Sums of dollars that should be equal differ in their last digit. */
const roundingUsd = 1e-9;

/** The first limit that `wanted` does not fit into; undefined when it fits. What takes nothing always fits. */
export function tooMuch(wanted: Amounts, left: Amounts): AmountName | undefined {
  return names.find(
    (name) => wanted[name] > 0 && wanted[name] > left[name] + (name === 'usd' ? roundingUsd : 0),
  );
}

function combine(a: Amounts, b: Amounts, of: (x: number, y: number) => number): Amounts {
  return {
    calls: of(a.calls, b.calls),
    reflectionCalls: of(a.reflectionCalls, b.reflectionCalls),
    tokens: of(a.tokens, b.tokens),
    usd: of(a.usd, b.usd),
  };
}
