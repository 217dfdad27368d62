import { expect, test } from 'vitest';
import { predict } from '../../program/predict.ts';
import { signature } from '../../signature/shorthand.ts';
import { createRunBudget } from './budget.ts';
import { confirmedOf } from './reserve.ts';
import { createRowCosts } from './row-costs.ts';

const program = predict(signature('text -> label'));
const validation = Array.from({ length: 60 }, (_, index) => ({ id: String(index), inputs: { text: 'x' } }));
const costs = createRowCosts({
  program: program.shape,
  calls: () => ({ typical: 1, most: 2 }),
  examples: validation,
  price: { input: 1, output: 1 },
});

test.each([
  { limits: {}, confirmed: 3 },
  { limits: { calls: 900 }, confirmed: 3 },
  { limits: { calls: 899 }, confirmed: 2 },
  { limits: { calls: 599 }, confirmed: 1 },
  { limits: { calls: 20 }, confirmed: 1 },
  { limits: { calls: 900, usd: 0.001 }, confirmed: 1 },
  { limits: { reflectionCalls: 1 }, confirmed: 3 },
])('of a budget of $limits a fifth confirms $confirmed', ({ limits, confirmed }) => {
  const { most } = createRunBudget(limits);
  expect(confirmedOf(most, { seed: program.seed, validation, costs })).toBe(confirmed);
});
