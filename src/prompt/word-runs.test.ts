import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { firstRun, hashesOf, indexRuns } from './word-runs.ts';

const row = 'The invoice of March was charged twice, and nobody answers me.';
const indexOf = (...rows: string[]) => indexRuns(rows.map((text) => [text]));

test('eight words in a row are found, whatever their case and what stands between them', async () => {
  const { firstShared } = await indexOf('something else', row);
  expect(firstShared('If THE INVOICE of march — was\n charged twice and — nobody')).toBe(
    'the invoice of march — was charged twice and',
  );
  expect(firstShared('the invoice of March was charged twice')).toBeUndefined();
  expect(firstShared(`${row} Be brief.`, [row])).toBeUndefined();
});

test('words of any script count, and scripts without spaces by their characters', async () => {
  const { firstShared } = await indexOf(
    'один два три четыре пять шесть семь восемь девять',
    '𝟙 𝟚 𝟛 𝟜 𝟝 𝟞 𝟟 𝟠',
    '我上个月的发票被重复扣款了两次，到现在也没有人回复我的邮件。',
    'हिन्दी में यह एक लंबा वाक्य है जिसे कोई कॉपी करता है',
  );
  expect(firstShared('Два три четыре пять шесть семь восемь девять')).toBeDefined();
  expect(firstShared('𝟙 𝟚 𝟛 𝟜 𝟝 𝟞 𝟟 𝟠')).toBeDefined();
  expect(firstShared('例如：发票被重复扣款了两次，到现在也没有人回复，属于账单。')).toBeDefined();
  expect(firstShared('如果发票被重复扣款，属于账单。')).toBeUndefined();
  expect(firstShared('हिन्दी में यह एक लंबा वाक्य है')).toBeUndefined();
});

test('a run of two fields, or of two rows, is no run', async () => {
  const { firstShared } = await indexRuns([['one two three four', 'five six seven eight'], ['nine ten']]);
  expect(firstShared('one two three four five six seven eight nine ten')).toBeUndefined();
});

test('what most rows say is nobody’s, what a few say is quoted', async () => {
  const frame = 'Sent from the form on our page, please do answer within two days';
  const own = (index: number) => Array.from({ length: 9 }, (_, word) => `w${index}x${word}`).join(' ');
  const rows = Array.from({ length: 200 }, (_, index) => `${own(index)}. ${index % 3 === 0 ? '' : frame}`);
  const { firstShared } = await indexOf(...rows);
  expect(firstShared(`Leave out “${frame}”.`)).toBeUndefined();
  expect(firstShared(`As in ${own(7)}`)).toBeDefined();
  const few = await indexOf(...rows.slice(0, 5));
  expect(few.firstShared(`Leave out “${frame}”.`)).toBeDefined();
});

test('an index finds exactly the runs that a search through all texts finds', async () => {
  const random = createRandom('runs');
  const words = ['alpha', 'beta', "it's", 'gamma-delta', 'ω', '12', 'x,y', '…'];
  const text = (length: number) =>
    Array.from({ length }, () => words[random.integer(words.length)] ?? '').join(' ');
  const runsOf = (of: string) => {
    const all = of.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    return all.slice(7).map((_, index) => all.slice(index, index + 8).join(' '));
  };
  const texts = Array.from({ length: 300 }, () => text(10 + random.integer(20)));
  const known = new Set(texts.flatMap(runsOf));
  const index = await indexOf(...texts);
  for (let turn = 0; turn < 2_000; turn += 1) {
    const asked = text(12);
    const found = index
      .firstShared(asked)
      ?.match(/[\p{L}\p{N}]+/gu)
      ?.join(' ');
    expect(found).toBe(runsOf(asked).find((run) => known.has(run)));
  }
});

test('rows are read in slices, one long row too, and other work has its turn between them', async () => {
  let turns = 0;
  const turn = async () => {
    turns += 1;
  };
  const long = Array.from({ length: 100_000 }, (_, index) => `word${index}`).join(' ');
  const { firstShared } = await indexRuns([[long]], { turn });
  expect(turns).toBe(Math.floor(long.length / 100_000));
  for (const from of [0, 10_005, 55_551, 99_991]) {
    const quote = Array.from({ length: 8 }, (_, index) => `word${from + index}`).join(' ');
    expect(firstShared(quote)).toBe(quote);
  }
  await indexRuns([['short']], { turn });
  expect(turns).toBe(Math.floor(long.length / 100_000));
});

test('more runs than are kept still give long quotations away, and it is said that not all are kept', async () => {
  const long = Array.from({ length: 5_000 }, (_, index) => `word${index}`).join(' ');
  const all = await indexRuns([[long]], { most: 10_000 });
  expect(all.keptOneOf).toBe(1);
  const part = await indexRuns([[long]], { most: 1_000 });
  expect(part.keptOneOf).toBe(8);
  const quote = long.split(' ').slice(2_000, 2_200).join(' ');
  expect(part.firstShared(quote)).toBeDefined();
  expect(part.firstShared(quote.replaceAll('word', 'other'))).toBeUndefined();
});

test('runs of a few texts are found in another one', () => {
  const hashes = hashesOf([row, 'two words']);
  expect(firstRun(`He says: ${row}`, (hash) => hashes.has(hash))).toMatch(/^the invoice of march/);
  expect(firstRun('Sort the ticket.', (hash) => hashes.has(hash))).toBeUndefined();
});
