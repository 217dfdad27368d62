import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { bestOfN } from './best-of-n.ts';
import { majority } from './majority.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { withRowBudget } from './row-budget.ts';

const answer = predict(signature('question -> answer'));
const row = { question: 'x' };
const model = (costUsd?: number) =>
  scriptedModel({ replies: [{ text: 'yes', costUsd, usage: { inputTokens: 80, outputTokens: 20 } }] });

describe('a budget of a row', () => {
  test('is shared by every step, at any depth, and each row has its own', async () => {
    const small = withRowBudget(majority(answer, { samples: 5 }), { calls: 3 });
    const asked = model();
    const rows = await Promise.all([1, 2].map(() => small.forward(row, { model: asked })));
    expect(rows.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(asked.callCount).toBe(6);
    expect(small.calls(small.seed)).toEqual({ typical: 3, most: 3 });
  });

  test('of dollars or tokens stops what is asked after it is used up', async () => {
    const reward = () => 0;
    const twoCents = withRowBudget(bestOfN(answer, { samples: 9, reward, threshold: 1 }), { usd: 0.02 });
    const priced = model(0.01);
    await expect(twoCents.run(row, { model: priced })).resolves.toEqual({ answer: 'yes' });
    expect(priced.callCount).toBe(2);
    const tokens = withRowBudget(bestOfN(answer, { samples: 9, reward, threshold: 1 }), { tokens: 250 });
    const counted = model();
    await tokens.run(row, { model: counted });
    expect(counted.callCount).toBe(3);
  });

  test('fails the step that it does not reach, and says why', async () => {
    const first = predict(signature('question -> query'), { name: 'first' });
    const second = predict(signature('query -> answer'), { name: 'second' });
    const one = withRowBudget(pipeline([first, second]), { calls: 1 });
    expect(await one.forward(row, { model: model() })).toMatchObject({
      status: 'failed',
      step: 'second',
      reason: 'The row has used its budget of 1 calls.',
      trace: [{ id: 'first' }],
    });
  });

  test('of dollars is refused where a model has no price, and of tokens holds where a server counts none', async () => {
    const uncounted = scriptedModel({
      replies: [{ text: 'yes '.repeat(200), usage: {}, costUsd: undefined }],
    });
    const unpriced = { ...uncounted, price: undefined };
    const dollars = withRowBudget(answer, { usd: 1 });
    await expect(dollars.run(row, { model: unpriced })).rejects.toMatchObject({ code: 'HONE_PRICE_UNKNOWN' });
    expect(uncounted.callCount).toBe(0);
    const options = { samples: 9, reward: () => 0, threshold: 1 };
    await withRowBudget(bestOfN(answer, options), { tokens: 300 }).run(row, { model: unpriced });
    expect(uncounted.callCount).toBeLessThan(4);
    const priced = { ...uncounted, price: { input: 0, output: 1_000 } };
    const before = uncounted.callCount;
    await withRowBudget(bestOfN(answer, options), { usd: 0.3 }).run(row, { model: priced });
    expect(uncounted.callCount - before).toBeLessThan(4);
  });

  test('within a budget holds too', async () => {
    const inner = withRowBudget(majority(answer, { samples: 4 }), { calls: 3 });
    const asked = model();
    await withRowBudget(inner, { calls: 2, name: 'outer' }).run(row, { model: asked });
    expect(asked.callCount).toBe(2);
  });

  test('without a limit, or with one that is none, is refused', () => {
    expect(() => withRowBudget(answer, {})).toThrow(/no limit/);
    expect(() => withRowBudget(answer, { calls: 0 })).toThrow(/calls/);
    expect(() => withRowBudget(answer, { usd: Number.NaN })).toThrow(/NaN/);
  });
});
