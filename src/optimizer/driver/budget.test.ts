import { describe, expect, test } from 'vitest';
import { nothing, tooMuch } from './amounts.ts';
import { createRunBudget } from './budget.ts';

const calls = (count: number) => ({ ...nothing, calls: count });

describe('the budget of a run', () => {
  test('tells what is left of each limit, and no limit where none is set', () => {
    const budget = createRunBudget({ calls: 10, usd: 1 });
    budget.charge({ calls: 3, reflectionCalls: 2, tokens: 500, usd: 0.25 });
    expect(budget.left()).toEqual({
      calls: 7,
      reflectionCalls: Number.POSITIVE_INFINITY,
      tokens: Number.POSITIVE_INFINITY,
      usd: 0.75,
    });
  });

  test('keeps what the proof needs from the search, as it shrinks', () => {
    const budget = createRunBudget({ calls: 100 });
    let reserve = 60;
    const search = budget.search({ total: () => calls(reserve), of: () => new Map() });
    expect(search.left().calls).toBe(40);
    reserve = 20;
    expect(search.left().calls).toBe(80);
    search.charge(calls(30));
    expect([search.left().calls, budget.left().calls]).toEqual([50, 70]);
  });

  test('gives a nested search its share of what is left, and the outer one pays for it', () => {
    const budget = createRunBudget({ calls: 100 });
    const search = budget.search({ total: () => nothing, of: () => new Map() });
    search.charge(calls(20));
    const half = search.nest(0.5);
    half.charge(calls(30));
    expect([half.left().calls, search.left().calls]).toEqual([10, 50]);
    search.charge(calls(45));
    expect(half.left().calls).toBe(5);
  });

  test('gives a nested search with the whole share what is left at any time', () => {
    const search = createRunBudget({ calls: 10 }).search({ total: () => nothing, of: () => new Map() });
    const whole = search.nest(1);
    search.charge(calls(4));
    expect(whole.left().calls).toBe(6);
  });
});

test.each([
  { wanted: calls(3), left: calls(3), limit: undefined },
  { wanted: calls(4), left: calls(3), limit: 'calls' },
  { wanted: nothing, left: calls(-5), limit: undefined },
  { wanted: { ...nothing, usd: 0.1 + 0.2 }, left: { ...nothing, usd: 0.3 }, limit: undefined },
  { wanted: { ...nothing, tokens: 2 }, left: { ...calls(9), tokens: 1 }, limit: 'tokens' },
])('$wanted against $left: $limit', ({ wanted, left, limit }) => {
  expect(tooMuch(wanted, left)).toBe(limit);
});
