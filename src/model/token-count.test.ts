import { expect, test } from 'vitest';
import { estimateRequestTokens, estimateTokens } from './token-count.ts';

// Counted with the tokenizer of SmolLM2 (49,152 tokens).
test.each([
  { text: '', least: 0, most: 0 },
  { text: 'The capital of France is Paris.', least: 6, most: 9 },
  { text: 'Order 123456 was charged twice!', least: 8, most: 12 },
  { text: '请检查我的账单', least: 5, most: 14 },
])('"$text" counts between $least and $most', ({ text, least, most }) => {
  expect(estimateTokens(text)).toBeGreaterThanOrEqual(least);
  expect(estimateTokens(text)).toBeLessThanOrEqual(most);
});

test('a request counts its messages, its tools and its schema', () => {
  const messages = [{ role: 'user' as const, content: 'The capital of France?' }];
  const bare = estimateRequestTokens({ messages });
  expect(bare).toBeGreaterThan(estimateTokens('The capital of France?'));
  const parameters = { type: 'object', properties: { query: { type: 'string' } } };
  const tools = [{ name: 'search', description: 'Searches the web.', parameters }];
  expect(estimateRequestTokens({ messages, tools })).toBeGreaterThan(bare + 10);
  expect(estimateRequestTokens({ messages, responseSchema: parameters })).toBeGreaterThan(bare + 5);
});
