import { describe, expect, test } from 'vitest';
import { scriptedModel } from '../testing/scripted-model.ts';
import { mayCost, runBudget } from './run-budget.ts';

const model = (endpoint: string, price?: { input: number; output: number }) => ({
  ...scriptedModel({ id: 'shop/model', endpoint, replies: [''] }),
  inProcess: false,
  price,
});
const paid = model('https://api.shop.example/v1', { input: 1, output: 2 });

test('a paid model has limits when nobody says any', () => {
  expect(runBudget({ models: [paid], said: [undefined] })).toEqual({
    usd: 1,
    calls: 2000,
    reflectionCalls: 200,
    minutes: 30,
  });
});

test('the first that says something counts, one limit at a time', () => {
  const said = [{ calls: 5 }, { usd: 'none' as const, calls: 6 }, { usd: 3, minutes: 4 }];
  expect(runBudget({ models: [paid], said })).toEqual({
    usd: undefined,
    calls: 5,
    reflectionCalls: 200,
    minutes: 4,
  });
});

describe('what costs nothing has no limits', () => {
  test.each([
    ['a model in this process', { ...paid, inProcess: true }],
    ['a server on this machine', model('http://127.0.0.1:8000/v1')],
    ['localhost', model('http://localhost:8000/v1')],
    ['a free model', model('https://api.shop.example/v1', { input: 0, output: 0 })],
  ])('%s', (_, free) => {
    expect(mayCost(free)).toBe(false);
    expect(runBudget({ models: [free], said: [] })).toEqual({});
  });
});

test('dollars without a price are refused, with the flags that mend it', () => {
  const unpriced = model('https://api.shop.example/v1');
  const refused = expect.objectContaining({
    code: 'HONE_PRICE_UNKNOWN',
    hint: expect.stringContaining('--price-input and --price-output'),
  });
  expect(() => runBudget({ models: [unpriced], said: [] })).toThrow(refused);
  expect(() => runBudget({ models: [paid, unpriced], said: [] })).toThrow(refused);
  expect(runBudget({ models: [unpriced], said: [{ usd: 'none' }] })).toMatchObject({
    usd: undefined,
    calls: 2000,
  });
});

test('a paid reflection model brings the limits to a free task model', () => {
  const free = { ...paid, inProcess: true };
  expect(runBudget({ models: [free, paid], said: [] })).toMatchObject({ usd: 1 });
});
