import { readFileSync } from 'node:fs';
import { evaluate, loadDataset } from 'hone-ai';
import { scriptedModel } from 'hone-ai/testing';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { answers, both, recall, town } from '../../examples/multi-hop/program.ts';
import { collectExamples } from '../../src/dataset/collect.ts';
import type { Example } from '../../src/dataset/dataset.ts';
import { openMemoryStore } from '../../src/store/open-store.ts';

const folder = 'examples/multi-hop';
const passages = readFileSync(`${folder}/passages.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map((line): { id: string; text: string } => JSON.parse(line));
let rows: readonly Example[];
beforeAll(async () => {
  const dataset = await loadDataset(`${folder}/questions.jsonl`, { expected: ['answer', 'passages'] });
  rows = (await collectExamples(dataset)).examples;
});

describe('the town', () => {
  it('has at least 120 passages, all different, and 60 questions', () => {
    expect(new Set(passages.map(({ text }) => text)).size).toBe(passages.length);
    expect(passages.length).toBeGreaterThanOrEqual(120);
    expect(new Set(rows.map(({ inputs }) => inputs.question)).size).toBe(60);
  });

  it('answers each question in the second of two passages, and not in the first', () => {
    const textOf = new Map(passages.map(({ id, text }) => [id, text]));
    for (const { expected } of rows) {
      const [first, second] = (expected ? (expected.passages as string[]) : []).map(
        (id) => textOf.get(id) ?? '',
      );
      expect(second).toContain(expected?.answer);
      expect(first).not.toContain(expected?.answer);
    }
  });
});

/** Asks for the question, then for the first name that the passages tell, and copies a passage. */
const model = scriptedModel({
  respond: ({ messages }) => {
    const said = messages.map(({ content }) => String(content)).join('\n');
    const asked = String(messages.at(-1)?.content);
    if (said.includes('words of the question')) return /Question: (.*)/u.exec(asked)?.[1] ?? asked;
    const found = asked.slice(asked.indexOf('Passages'));
    if (said.includes('the name of the person')) {
      const names = [...found.matchAll(/\p{Lu}\p{L}+ \p{Lu}\p{L}+/gu)].map(([name]) => name);
      return names.at(-1) ?? 'nobody';
    }
    return found;
  },
});

test('eight questions are answered and scored, with recall and answers apart', async () => {
  await using store = await openMemoryStore();
  const run = evaluate({
    program: town,
    dataset: rows.slice(0, 8),
    scorer: [both, answers, recall],
    model,
    store,
  });
  const { summaries } = await run.result();
  expect(summaries.map(({ rows: scored }) => scored)).toEqual([8, 8, 8]);
  const [sum, answered, found] = summaries.map(({ mean }) => mean ?? Number.NaN);
  expect(found).toBeGreaterThan(0.4);
  expect(sum).toBeCloseTo(((answered ?? 0) + (found ?? 0)) / 2);
});

test.each(['program.ts', 'optimize.ts'])('%s has fewer than 80 lines', (file) => {
  expect(readFileSync(`${folder}/${file}`, 'utf8').split('\n').length).toBeLessThan(80);
});

test('stands as it is in its guide', () => {
  const guide = readFileSync('docs/guides/agents-and-retrieval.md', 'utf8');
  expect(guide).toContain(readFileSync(`${folder}/program.ts`, 'utf8'));
});
