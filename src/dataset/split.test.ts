import { describe, expect, it, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { collectExamples, toDataset } from './collect.ts';
import type { Example } from './dataset.ts';
import { groupNearDuplicates } from './near-duplicates.ts';
import { requireEveryRole, splitDataset } from './split.ts';

const words = 'apple river stone cloud paper engine garden window market bridge candle forest'.split(' ');

/** Rows of random words, so that no two are alike; classes and their sizes as given. */
function rows(sizes: Readonly<Record<string, number>>, seed = 1): Example[] {
  const random = createRandom(seed);
  const classes = Object.entries(sizes).flatMap(([label, size]) => Array<string>(size).fill(label));
  return random.shuffle(classes).map((label, index) => ({
    id: `row-${index}`,
    inputs: { text: Array.from({ length: 24 }, () => words[random.integer(words.length)]).join(' ') },
    expected: { label },
  }));
}

const idsOf = (examples: readonly Example[]) => examples.map(({ id }) => id);
const count = (examples: readonly Example[], label: string) =>
  examples.filter(({ expected }) => expected?.label === label).length;

describe('splitDataset', () => {
  it.each([
    { sizes: { a: 60, b: 60, c: 60, d: 60 } as Record<string, number> },
    { sizes: { a: 61, b: 7, c: 33 } },
    { sizes: { a: 500, b: 5 } },
    { sizes: { a: 3, b: 2, c: 1 } },
    { sizes: { a: 1 } },
  ])('puts each row of $sizes into one role, each class within one row of its share', ({ sizes }) => {
    for (const seed of [0, 1, 2]) {
      const examples = rows(sizes, seed);
      const { train, validation, test: sealed } = splitDataset(examples, { seed });
      const all = idsOf([...train, ...validation, ...sealed]);
      expect(all.sort()).toEqual(idsOf(examples).sort());
      for (const [label, size] of Object.entries(sizes)) {
        // Rare classes share one stratum, so only the common ones are bound each.
        if (size < 5) continue;
        expect(Math.abs(count(train, label) - size * 0.5)).toBeLessThanOrEqual(1);
        expect(Math.abs(count(validation, label) - size * 0.25)).toBeLessThanOrEqual(1);
        expect(Math.abs(count(sealed, label) - size * 0.25)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('depends on the seed and not on the order of the rows', () => {
    const examples = rows({ a: 40, b: 25 });
    const split = splitDataset(examples, { seed: 3 });
    expect(splitDataset([...examples].reverse(), { seed: 3 })).toEqual(split);
    expect(idsOf(splitDataset(examples, { seed: 4 }).test)).not.toEqual(idsOf(split.test));
  });

  it('keeps near-duplicates on one side and says so', () => {
    const examples = rows({ a: 40, b: 40 });
    const twins = examples.slice(0, 20).map(({ id, inputs, expected }) => ({
      id: `${id}-twin`,
      inputs: { text: `${String(inputs.text).toUpperCase()}!` },
      expected,
    }));
    const split = splitDataset([...examples, ...twins], { seed: 1 });
    for (const side of [split.train, split.validation, split.test]) {
      const ids = new Set(idsOf(side));
      for (const { id } of twins) expect(ids.has(id)).toBe(ids.has(id.replace('-twin', '')));
    }
    expect(split.train).toHaveLength(50);
    expect(split.notices).toEqual([
      expect.stringContaining('40 of 100 rows are duplicates or near-duplicates (20 groups)'),
    ]);
  });

  it('divides rows of one template, of which only equal ones stay together, and says so', () => {
    const text = rows({ a: 1 }).map(({ inputs }) => String(inputs.text))[0] ?? '';
    const template = rows({ a: 40 }).map((row, index) => ({
      ...row,
      inputs: { text: `${text} and ${text} number ${index >> 1}` },
    }));
    const split = splitDataset(template);
    expect([split.train, split.validation, split.test].map(({ length }) => length)).toEqual([20, 10, 10]);
    expect(split.notices[0]).toContain('40 of 40 rows are near-duplicates of each other');
    const sides = [split.train, split.validation, split.test].map(
      (side) => new Set(side.map(({ inputs }) => inputs.text)),
    );
    expect(sides.map(({ size }) => size)).toEqual([10, 5, 5]);
  });

  it('splits open answers without classes', () => {
    const examples = rows({ a: 80 }).map((row, index) => ({ ...row, expected: { answer: `text ${index}` } }));
    const { train, validation, test: sealed } = splitDataset(examples);
    expect([train, validation, sealed].map(({ length }) => length)).toEqual([40, 20, 20]);
  });

  it('takes other shares, and refuses shares that do not add up', () => {
    const examples = rows({ a: 50, b: 50 });
    const split = splitDataset(examples, { shares: [0.6, 0, 0.4] });
    expect([split.train, split.validation, split.test].map(({ length }) => length)).toEqual([60, 0, 40]);
    expect(() => splitDataset(examples, { shares: [0.5, 0.5, 0.5] })).toThrow(/add up to 1/);
  });

  it('refuses rows that are copies of each other, whatever their labels, and shares without a role', () => {
    const copies = rows({ a: 50, b: 50 }).map((row) => ({ ...row, inputs: { text: 'the same' } }));
    expect(() => splitDataset(copies)).toThrow(
      expect.objectContaining({
        code: 'HONE_DATASET_ONE_CLUSTER',
        message: expect.stringContaining('100 rows'),
      }),
    );
    expect(() => splitDataset(copies, { shares: [1, 0, 0] })).not.toThrow();
    for (const shares of [
      [0.5, 0.5, 0],
      [0, 0.5, 0.5],
      [1, 0, 0],
    ] as const) {
      expect(() => requireEveryRole(shares)).toThrow(
        expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
      );
    }
    expect(() => requireEveryRole([0.5, 0.25, 0.25])).not.toThrow();
  });

  it('refuses one class only where classes are required', () => {
    const examples = rows({ a: 10 });
    expect(() => splitDataset(examples, { requireClasses: true })).toThrow(
      expect.objectContaining({ code: 'HONE_DATASET_ONE_CLASS' }),
    );
    expect(() => splitDataset(examples)).not.toThrow();
    expect(() => splitDataset(rows({ a: 9, b: 1 }), { requireClasses: true })).not.toThrow();
  });
});

describe('groupNearDuplicates', () => {
  const group = (...inputs: Example['inputs'][]) =>
    groupNearDuplicates(inputs.map((values, index) => ({ id: String(index), inputs: values })));
  const long = rows({ a: 3 }).map(({ inputs }) => String(inputs.text));

  it.each([
    {
      what: 'case, punctuation, width and spaces aside',
      a: 'I was CHARGED twice!',
      b: ' i was charged\ntwice ',
      same: true,
    },
    {
      what: 'one letter of a short text',
      a: 'my invoice number is wrong, please help',
      b: 'my invoice number is wrong, please helq',
      same: true,
    },
    { what: 'a different number', a: 'refund order 1182', b: 'refund order 9947', same: false },
    { what: 'a different question', a: 'how do I pay?', b: 'where is my parcel?', same: false },
    { what: 'a word added to a long text', a: long[0] ?? '', b: `${long[0]} again`, same: true },
    { what: 'another long text of the same words', a: long[0] ?? '', b: long[1] ?? '', same: false },
    { what: 'signs alone', a: '+', b: '-', same: false },
  ])('with $what: $same', ({ a, b, same }) => {
    const [first, second] = group({ text: a }, { text: b });
    expect(first === second).toBe(same);
  });

  it('joins chains of near-duplicates into one group, named by its first row', () => {
    expect(group({ t: 'same' }, { t: 'other thing' }, { t: 'Same' }, { t: 'same!' })).toEqual([0, 1, 0, 0]);
  });

  it('does not count an input that is the same in every row', () => {
    const document = long[2] ?? '';
    expect(group({ document, question: 'who?' }, { document, question: 'when?' })).toEqual([0, 1]);
  });
});

describe('collectExamples', () => {
  const dataset = toDataset(rows({ a: 100 }), 'tickets.csv');

  it('gives all rows in their order where they fit', async () => {
    const { examples, notices } = await collectExamples(dataset);
    expect(idsOf(examples)).toEqual(Array.from({ length: 100 }, (_, index) => `row-${index}`));
    expect(notices).toEqual([]);
  });

  it('samples a larger set by the seed, in order, and says so', async () => {
    const first = await collectExamples(dataset, { limit: 10, seed: 1 });
    expect(first.rows).toBe(100);
    expect(first.notices).toEqual([expect.stringContaining('100 rows')]);
    const numbers = idsOf(first.examples).map((id) => Number(id.slice(4)));
    expect(numbers).toHaveLength(10);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(await collectExamples(dataset, { limit: 10, seed: 1 })).toEqual(first);
    expect(await collectExamples(dataset, { limit: 10, seed: 2 })).not.toEqual(first);
  });

  it('samples every row equally often', async () => {
    const small = toDataset(rows({ a: 10 }));
    const chosen = new Map<string, number>();
    for (let seed = 0; seed < 1_000; seed += 1) {
      const { examples } = await collectExamples(small, { limit: 3, seed });
      for (const { id } of examples) chosen.set(id, (chosen.get(id) ?? 0) + 1);
    }
    // 300 expected each, standard deviation 14.5: five of those either way.
    for (const times of chosen.values()) expect(Math.abs(times - 300)).toBeLessThan(73);
    expect(chosen.size).toBe(10);
  });

  test('refuses a dataset without rows', async () => {
    await expect(collectExamples(toDataset([]))).rejects.toMatchObject({ code: 'HONE_DATASET_EMPTY' });
  });
});
