import { expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { program } from './custom-program.ts';
import { inspect } from './inspect.ts';
import { predict } from './predict.ts';

const search = predict(signature('question -> query', { instructions: 'Say what to look up.' }), {
  name: 'search',
});
const answer = predict(signature('query -> answer: integer'), { name: 'answer' });
const lookUp = program(
  'look-up',
  { signature: signature('question -> answer: integer'), steps: { search, answer } },
  async ({ inputs, steps, retrieve, tool }) => {
    const { query } = await steps.search(inputs);
    await retrieve(query, () => [{ text: 'A moth.', source: 'log' }]);
    await tool('clock', { zone: 'UTC' }, () => {
      throw new Error('stopped');
    }).catch(() => undefined);
    return steps.answer({ query });
  },
);

test('a run is shown step by step: what was sent and said, how it was read, and what it took', async () => {
  const model = scriptedModel({
    replies: [{ text: 'moth', costUsd: 0.0001, usage: { inputTokens: 12, outputTokens: 1 } }, '1947'],
  });
  const prediction = await lookUp.forward({ question: 'When?' }, { model });
  expect(inspect(prediction)).toMatchInlineSnapshot(`
    "── search (1 call, 12 → 1 tokens, $0.000100, 0 ms)
    [system]
    Say what to look up.
    [user]
    Question: When?
    [answer]
    moth
    [read, strict] {"query":"moth"}

    ── retrieve (looked up)
    [query] moth
    1. A moth.

    ── clock (tool clock)
    [given] {"zone":"UTC"}
    [gave] error: stopped

    ── answer (1 call, 33 → 2 tokens, 0 ms)
    [system]
    Give the answer for the query.

    Answer with the answer alone, a whole number.
    [user]
    Query: moth
    [answer]
    1947
    [read, strict] {"answer":1947}"
  `);
  expect(inspect(prediction, { last: 1 })).toMatch(/^\(3 earlier steps not shown\)\n\n── answer/);
  expect(inspect([prediction, prediction], { last: 5 })).toContain('── retrieve');
  expect(inspect(prediction.trace, { longest: 5 })).toContain('Say w… (15 characters more)');
});

test('an answer that could not be read is shown raw, and an empty run says so', async () => {
  const model = scriptedModel({ replies: ['no idea'] });
  const prediction = await answer.forward({ query: 'x' }, { model });
  expect(inspect(prediction)).toContain('[answer]\nno idea\n[read] nothing');
  expect(inspect([])).toBe('Nothing was asked.');
});
