import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { indexRuns, runsOf } from './word-runs.ts';

const row = 'The invoice of March was charged twice, and nobody answers me.';

test('eight words in a row are found, whatever their case and what stands between them', () => {
  const { firstShared } = indexRuns(['something else', row]);
  expect(firstShared('If THE INVOICE of march — was charged twice and — nobody', '')).toBe(
    'the invoice of march was charged twice and',
  );
  expect(firstShared('the invoice of March was charged twice', '')).toBeUndefined();
  expect(firstShared(`${row} Be brief.`, row)).toBeUndefined();
});

test('words of any script count', () => {
  const { firstShared } = indexRuns(['один два три четыре пять шесть семь восемь девять', '𝟙 𝟚 𝟛 𝟜 𝟝 𝟞 𝟟 𝟠']);
  expect(firstShared('Два три четыре пять шесть семь восемь девять', '')).toBeDefined();
  expect(firstShared('𝟙 𝟚 𝟛 𝟜 𝟝 𝟞 𝟟 𝟠', '')).toBeDefined();
});

test('an index finds exactly the runs that a search through all texts finds', () => {
  const random = createRandom('runs');
  const words = ['alpha', 'beta', "it's", 'gamma-delta', 'ω', '12', 'x,y', '…'];
  const text = (length: number) =>
    Array.from({ length }, () => words[random.integer(words.length)] ?? '').join(' ');
  const texts = Array.from({ length: 300 }, () => text(10 + random.integer(20)));
  const known = new Set(texts.flatMap(runsOf));
  const index = indexRuns(texts);
  for (let turn = 0; turn < 2_000; turn += 1) {
    const asked = text(12);
    expect(index.firstShared(asked, '')).toBe(runsOf(asked).find((run) => known.has(run)));
  }
});

test('five thousand rows of two hundred words are read once, and a draft costs what it is long', () => {
  const random = createRandom('rows');
  const text = () => Array.from({ length: 200 }, () => `w${random.integer(20_000)}`).join(' ');
  const texts = Array.from({ length: 5_000 }, text);
  const start = performance.now();
  const index = indexRuns(texts);
  const built = performance.now() - start;
  const drafts = Array.from({ length: 20 }, text);
  const asked = performance.now();
  for (const draft of drafts) expect(index.firstShared(draft, 'Sort.')).toBeUndefined();
  const each = (performance.now() - asked) / drafts.length;
  expect(index.firstShared(texts[4_999] ?? '', '')).toBeDefined();
  // Generous bounds for a busy machine: a search through all rows takes a second for each draft.
  expect(built).toBeLessThan(5_000);
  expect(each).toBeLessThan(50);
});
