import { describe, expect, test } from 'vitest';
import type { EmbeddingModel } from '../model/embedding-model.ts';
import { embeddingIndex } from './embedding-index.ts';
import { fusedIndex } from './fused-index.ts';
import { keywordIndex } from './keyword-index.ts';
import type { IndexedPassage, PassageIndex } from './passage-index.ts';

const passages: readonly IndexedPassage[] = [
  { id: 'clock', text: 'The harbour clock was repaired by Ilse Brandt.', year: 1987 },
  { id: 'ilse', text: 'Ilse Brandt lives on Tallow Lane.' },
  { id: 'cafe', text: 'Das Café Überfluss verkauft Gerstenkaffee.' },
  { id: 'tokyo', text: '時計は港にあります。' },
  {
    id: 'long',
    text: `Clock towers ${Array.from({ length: 40 }, (_, each) => `b${each}`).join(' ')} are listed.`,
  },
];

/** Means: timepieces in one direction, homes in another, all else in a third. */
function meanings(options: { readonly fails?: number } = {}) {
  const asked: (readonly string[])[] = [];
  let failures = options.fails ?? 0;
  const model: EmbeddingModel = {
    id: 'scripted/meaning',
    async embed(texts, { observe } = {}) {
      asked.push(texts);
      if (failures-- > 0) throw new Error('down');
      observe?.({ usage: { inputTokens: texts.length }, latencyMs: 1 });
      return texts.map((text) =>
        Float32Array.of(
          Number(/clock|watch|時計/iu.test(text)),
          Number(/live|home|street/iu.test(text)),
          0.1,
        ),
      );
    },
  };
  return { model, asked };
}

const idsOf = async (index: PassageIndex, query: string, count = 3) =>
  (await index.search(query, { count })).map(({ passage }) => passage.id);

describe('an index of words', () => {
  const index = keywordIndex(passages);

  test.each([
    { query: 'harbour clock', first: 'clock' },
    { query: 'TALLOW lane?', first: 'ilse' },
    { query: 'uberfluss cafe', first: 'cafe' },
    { query: '港', first: 'tokyo' },
  ])('finds $first for "$query"', async ({ query, first }) => {
    expect((await idsOf(index, query))[0]).toBe(first);
  });

  test('finds nothing without a common word, and nothing for nothing', async () => {
    expect(await idsOf(index, 'zebra')).toEqual([]);
    expect(await idsOf(index, '  ')).toEqual([]);
  });

  test('holds long passages back, gives as many as asked, with all that is known of them', async () => {
    expect(await idsOf(index, 'clock')).toEqual(['clock', 'long']);
    expect(await idsOf(index, 'clock', 1)).toEqual(['clock']);
    expect((await index.search('harbour', { count: 1 }))[0]?.passage).toEqual(passages[0]);
  });

  test('is another version with another passage or option', () => {
    const versions = [
      index,
      keywordIndex(passages),
      keywordIndex(passages.slice(1)),
      keywordIndex(passages, { b: 0.1 }),
    ].map(({ version }) => version);
    expect(versions[0]).toBe(versions[1]);
    expect(new Set(versions).size).toBe(3);
  });
});

describe('an index of meanings', () => {
  test('finds what means the same in other words', async () => {
    const { model, asked } = meanings();
    const index = embeddingIndex(passages, { model });
    expect(await idsOf(index, 'who mended the watch', 2)).toEqual(['clock', 'tokyo']);
    expect(await idsOf(index, 'her home', 1)).toEqual(['ilse']);
    expect(asked.map(({ length }) => length)).toEqual([5, 1, 1]);
  });

  test('embeds passages once and each query once, however many ask at once', async () => {
    const { model, asked } = meanings();
    const index = embeddingIndex(passages, { model });
    await Promise.all(Array.from({ length: 20 }, (_, each) => idsOf(index, `watch ${each % 2}`)));
    expect(asked.map(({ length }) => length).sort()).toEqual([1, 1, 5]);
  });

  test('asks again after a fault, and tells what was asked', async () => {
    const { model } = meanings({ fails: 2 });
    const told: unknown[] = [];
    const index = embeddingIndex(passages, { model, observe: (record) => told.push(record.usage) });
    await expect(index.search('watch', { count: 1 })).rejects.toThrow('down');
    const found = await index.search('watch', { count: 1, observe: (record) => told.push(record.usage) });
    expect(found[0]?.passage.id).toBe('clock');
    expect(told).toEqual(expect.arrayContaining([{ inputTokens: 5 }, { inputTokens: 1 }]));
  });

  test('refuses what is no vector', async () => {
    const broken: EmbeddingModel = {
      id: 'broken',
      embed: async (texts) => texts.map(() => Float32Array.of(Number.NaN)),
    };
    await expect(embeddingIndex(passages, { model: broken }).search('x', { count: 1 })).rejects.toMatchObject(
      {
        code: 'HONE_MODEL_BAD_REPLY',
      },
    );
  });
});

test('a fused index finds what one alone misses', async () => {
  const fused = fusedIndex([keywordIndex(passages), embeddingIndex(passages, { model: meanings().model })]);
  expect(await idsOf(fused, 'watch in the harbour', 2)).toEqual(['clock', 'tokyo']);
  expect(await idsOf(fused, 'Tallow', 1)).toEqual(['ilse']);
  expect(() => fusedIndex([])).toThrow(/one or more indexes/);
  expect(() => fusedIndex([keywordIndex(passages), keywordIndex(passages.slice(1))])).toThrow(
    /same passages/,
  );
});

test.each([
  { what: 'none', given: [], message: /needs at least one passage/ },
  { what: 'an id twice', given: [passages[0], passages[0]], message: /Passage 2 .* "clock" is there twice/ },
  { what: 'no text', given: [{ id: 'a', text: ' ' }], message: /Passage 1 .* text: the text is empty/ },
  { what: 'no object', given: ['text'], message: /Passage 1 cannot be indexed/ },
])('passages with $what are refused', ({ given, message }) => {
  expect(() => keywordIndex(given as never)).toThrow(message);
});
