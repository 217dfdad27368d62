import { readFileSync } from 'node:fs';
import { evaluate, loadDataset } from 'hone-ai';
import { scriptedModel } from 'hone-ai/testing';
import { expect, test } from 'vitest';
import { desk, scorer } from '../../examples/agent-with-tools/agent.ts';
import { collectExamples } from '../../src/dataset/collect.ts';
import { openMemoryStore } from '../../src/store/open-store.ts';

const folder = 'examples/agent-with-tools';

/** Looks up all that a question may need at once, and computes from it. */
const model = scriptedModel({
  respond: ({ messages }) => {
    const asked = String(messages.find(({ role }) => role === 'user')?.content);
    const number = Number(/order (\d+)/iu.exec(asked)?.[1]);
    const results = messages
      .filter(({ role }) => role === 'tool')
      .map(({ content }) => JSON.parse(String(content)));
    const [order, other] = results;
    const call = (name: string, given: object) => ({ id: '', name, arguments: JSON.stringify(given) });
    const currency = /crowns|francs|pounds/u.exec(asked)?.[0];
    if (Number.isNaN(number)) {
      const item = /of the (\w+)/u.exec(asked)?.[1];
      const answer =
        order === undefined ? [call('stock', { item })] : [call('submit', { answer: order.pieces })];
      return { toolCalls: answer, finishReason: 'tool-calls' };
    }
    if (order === undefined) {
      const rate = currency === undefined ? [] : [call('rate', { currency })];
      return { toolCalls: [call('order', { number }), ...rate], finishReason: 'tool-calls' };
    }
    if (/once more/u.test(asked) && other === undefined) {
      return { toolCalls: [call('stock', { item: order.item })], finishReason: 'tool-calls' };
    }
    const total = order.pieces * order.price * (currency === undefined ? 1 : other.perEuro);
    const answer = /once more/u.test(asked) ? other.pieces - order.pieces : Math.round(total * 100) / 100;
    return { toolCalls: [call('submit', { answer })], finishReason: 'tool-calls' };
  },
});

test('eight questions are answered with the tools that they need', async () => {
  await using store = await openMemoryStore();
  const dataset = await loadDataset(`${folder}/questions.jsonl`, { expected: ['answer', 'tools'] });
  const { examples } = await collectExamples(dataset);
  expect(examples).toHaveLength(40);
  const run = evaluate({ program: desk, dataset: examples.slice(0, 8), scorer, model, store });
  const evaluation = await run.result();
  for await (const { outcome } of evaluation.results())
    expect(outcome).toMatchObject({ status: 'scored', value: 1 });
});

test.each(['agent.ts', 'optimize.ts'])(
  '%s has fewer than 80 lines, and its guide shows the agent',
  (file) => {
    const code = readFileSync(`${folder}/${file}`, 'utf8');
    expect(code.split('\n').length).toBeLessThan(80);
    if (file === 'agent.ts')
      expect(readFileSync('docs/guides/agents-and-retrieval.md', 'utf8')).toContain(code);
  },
);
