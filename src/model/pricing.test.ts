import { describe, expect, test } from 'vitest';
import { costAt, costOf, priceOf, priceOfModel } from './pricing.ts';

describe('the price of a model', () => {
  test.each([
    'openai/gpt-4o',
    'anthropic/claude-sonnet-4-5',
    'google/gemini-2.5-flash',
    'groq/llama-3.3-70b-versatile',
  ])('%s has a public price, more for output than for input', (modelId) => {
    const price = priceOf(modelId);
    expect(price?.input).toBeGreaterThan(0);
    expect(price?.output).toBeGreaterThan(price?.input ?? 0);
  });

  test.each(['openai/gpt-of-tomorrow', 'nobody/gpt-4o', 'gpt-4o', 'openai-compatible/gpt-4o'])(
    '%s has no known price, which is not 0',
    (modelId) => {
      expect(priceOf(modelId)).toBeUndefined();
      expect(costOf(modelId, { inputTokens: 1, outputTokens: 1 })).toBeUndefined();
    },
  );

  test('models on one’s own machine cost nothing, whatever is known of their tokens', () => {
    expect(priceOf('local/smollm2-135m-instruct')).toMatchObject({ input: 0, output: 0 });
    expect(costOf('ollama/llama3', {})).toBe(0);
  });

  test('the user’s price goes before the model’s own, and that before the public one', () => {
    const model = { id: 'openai/gpt-4o', price: { input: 7, output: 8 } };
    expect(priceOfModel(model, { input: 1, output: 2 })).toEqual({ input: 1, output: 2 });
    expect(priceOfModel(model)).toEqual({ input: 7, output: 8 });
    expect(priceOfModel({ id: 'openai/gpt-4o' })).toEqual(priceOf('openai/gpt-4o'));
    expect(priceOfModel({ id: 'me/mine', inProcess: true })).toMatchObject({ input: 0, output: 0 });
  });
});

describe('the cost of a call', () => {
  const price = { input: 2, output: 10, cachedInput: 0.5 };
  test.each([
    { usage: { inputTokens: 1_000_000, outputTokens: 0 }, usd: 2 },
    { usage: { inputTokens: 0, outputTokens: 1_000_000 }, usd: 10 },
    { usage: { inputTokens: 1_000_000, cachedInputTokens: 400_000, outputTokens: 0 }, usd: 1.4 },
    { usage: { inputTokens: 100, cachedInputTokens: 900, outputTokens: 0 }, usd: 0.00005 },
    { usage: { outputTokens: 5 }, usd: undefined },
    { usage: { inputTokens: 5 }, usd: undefined },
  ])('$usage costs $usd', ({ usage, usd }) => {
    const cost = costAt(price, usage);
    if (usd === undefined) expect(cost).toBeUndefined();
    else expect(cost).toBeCloseTo(usd, 10);
  });

  test('cached tokens cost as much as others where no price for them is given', () => {
    expect(
      costAt({ input: 2, output: 0.1 }, { inputTokens: 1e6, cachedInputTokens: 5e5, outputTokens: 0 }),
    ).toBe(2);
  });

  test('a price with steps rises for long prompts', () => {
    const cost = (inputTokens: number) =>
      costOf('anthropic/claude-sonnet-4-5', { inputTokens, outputTokens: 0 }) ?? 0;
    expect(cost(300_000) / 300_000).toBeGreaterThan(cost(100_000) / 100_000);
  });

  test('the cost at the public price is that of the price itself', () => {
    const usage = { inputTokens: 1_234, cachedInputTokens: 200, outputTokens: 56 };
    const known = priceOf('openai/gpt-4o') ?? { input: 0, output: 0 };
    expect(costOf('openai/gpt-4o', usage)).toBeCloseTo(costAt(known, usage) ?? 0, 12);
  });
});
