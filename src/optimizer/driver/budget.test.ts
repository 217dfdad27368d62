import { describe, expect, test } from 'vitest';
import { createBudgetMeter, type RowDemand } from './budget.ts';
import type { OptimizationBudget } from './optimize-options.ts';

const reserve = { validation: 10, test: 10, seedCallsPerRow: 1 };
const row = (calls: number, costUsd?: number) => ({
  calls,
  cachedCalls: 0,
  costUsd,
  latencyMs: 0,
  retries: 0,
  failedCalls: 0,
  requests: [],
});

interface Case {
  readonly what: string;
  readonly budget: OptimizationBudget;
  /** Rows charged before: calls and price. */
  readonly charged?: readonly (readonly [calls: number, usd: number])[] | undefined;
  readonly demands: readonly RowDemand[];
  readonly fits: boolean;
}

describe('what fits, with a proof of 3 · 10 validation and 2 · 10 test rows', () => {
  test.each<Case>([
    { what: 'anything without limits', budget: {}, demands: [{ rows: 1e9, callsPerRow: 4 }], fits: true },
    {
      what: 'exactly what is left',
      budget: { calls: 60 },
      demands: [{ rows: 10, callsPerRow: 1 }],
      fits: true,
    },
    { what: 'one more', budget: { calls: 60 }, demands: [{ rows: 11, callsPerRow: 1 }], fits: false },
    {
      what: 'two requests that fit alone but not together',
      budget: { calls: 60 },
      demands: [
        { rows: 6, callsPerRow: 1 },
        { rows: 6, callsPerRow: 1 },
      ],
      fits: false,
    },
    {
      what: 'an ensemble, whose proof costs more as well: 20 + 3·10·2 + 10·(1+2) = 110',
      budget: { calls: 110 },
      demands: [{ rows: 10, callsPerRow: 2 }],
      fits: true,
    },
    {
      what: 'an ensemble, one call short',
      budget: { calls: 109 },
      demands: [{ rows: 10, callsPerRow: 2 }],
      fits: false,
    },
    {
      what: 'one row after a candidate that took 2 calls a row, which may be the one to prove',
      budget: { calls: 92 },
      charged: [[2, 0]],
      demands: [{ rows: 1, callsPerRow: 1 }],
      fits: false,
    },
    {
      what: 'dollars at the average price: 5 rows and a reserve of 50 at 0.01',
      budget: { usd: 0.56 },
      charged: [[1, 0.01]],
      demands: [{ rows: 5, callsPerRow: 1 }],
      fits: true,
    },
    {
      what: 'dollars, a row too many',
      budget: { usd: 0.56 },
      charged: [[1, 0.01]],
      demands: [{ rows: 6, callsPerRow: 1 }],
      fits: false,
    },
    {
      what: 'nothing to answer, though less than the proof needs is left',
      budget: { calls: 40 },
      demands: [{ rows: 0, callsPerRow: 1 }],
      fits: true,
    },
  ])('$what: $fits', ({ budget, charged = [], demands, fits }) => {
    const meter = createBudgetMeter(budget, reserve);
    for (const [calls, usd] of charged) meter.charge(row(calls, usd));
    expect(meter.fits(...demands)).toBe(fits);
  });

  test('the second test of the seed, with calibrated answers, is kept back too', () => {
    const once = createBudgetMeter({ calls: 60 }, reserve);
    const twice = createBudgetMeter({ calls: 60 }, { ...reserve, seedTests: 2 });
    expect(once.view().callsLeft - twice.view().callsLeft).toBe(10);
  });
});

test.each([
  { budget: { calls: 55 }, reason: 'calls' },
  { budget: { usd: 0.1 }, reason: 'cost' },
] as const)('a limit has its name: $reason', ({ budget, reason }) => {
  const meter = createBudgetMeter(budget, reserve);
  meter.charge(row(1, 0.09));
  const demand = { rows: 6, callsPerRow: 1 };
  expect(meter.fits(demand)).toBe(false);
  expect(meter.reasonAgainst(demand)).toBe(reason);
});

test('an optimizer sees what is left for its search, never less than 0', () => {
  const meter = createBudgetMeter({ calls: 60, reflectionCalls: 3 }, reserve);
  expect(meter.view()).toMatchObject({ callsLeft: 10, reflectionCallsLeft: 3, usdLeft: undefined });
  expect(meter.view().allows(10)).toBe(true);
  expect(meter.view().allows(11)).toBe(false);
  for (let charged = 0; charged < 30; charged += 1) meter.charge(row(1));
  expect(meter.view().callsLeft).toBe(0);
});

test('a reflection call is refused before it is made', () => {
  const meter = createBudgetMeter({ reflectionCalls: 2, usd: 1 }, reserve);
  meter.chargeReflectionCall();
  meter.chargeReflectionCost(0.25);
  meter.chargeReflectionCall();
  expect(() => meter.chargeReflectionCall()).toThrow(
    expect.objectContaining({ code: 'HONE_BUDGET_EXHAUSTED', facts: { reason: 'calls' } }),
  );
  expect(meter.view()).toMatchObject({ reflectionCallsLeft: 0, usdLeft: 0.75 });
});
