import { readFileSync } from 'node:fs';
import { scriptedModel } from 'hone-ai/testing';
import { expect, test } from 'vitest';
import { compare } from '../../examples/self-refine/compare.ts';
import { checkReply } from '../../examples/self-refine/program.ts';
import { openMemoryStore } from '../../src/store/open-store.ts';

/** Promises money until it is told not to. */
const model = scriptedModel({
  respond: ({ messages }) => {
    const text = messages.map(({ content }) => content).join('\n');
    if (text.includes('Criticize a draft')) {
      return '<critique>It promises a refund.</critique><score>4</score><verdict>improve</verdict>';
    }
    return text.includes('It promises a refund.')
      ? 'We are looking into it. Is there anything else?'
      : 'You will get a refund. Is there anything else?';
  },
});

test('the example refines eight replies, and each row takes the calls that it needs', async () => {
  await using store = await openMemoryStore();
  const { plain, refined } = await compare({ model, store }, 8);
  expect(plain).toEqual({ score: expect.closeTo(2 / 3), calls: 1 });
  expect(refined).toEqual({ score: 1, calls: 3 });
});

test('its check says which rules are broken', () => {
  expect(checkReply(`We owe you $5. ${'word '.repeat(70)}`)).toEqual({
    score: 0,
    feedback: expect.stringContaining('It promises no money.'),
  });
});

test.each(['program.ts', 'compare.ts'])('%s has fewer than 80 lines', (file) => {
  expect(readFileSync(`examples/self-refine/${file}`, 'utf8').split('\n').length).toBeLessThan(80);
});

test('stands as it is in its guide', () => {
  const guide = readFileSync('docs/guides/programs.md', 'utf8');
  expect(guide).toContain(readFileSync('examples/self-refine/program.ts', 'utf8'));
});
