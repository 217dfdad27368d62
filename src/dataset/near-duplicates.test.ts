import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../base/random.ts';
import type { Example } from './dataset.ts';
import { groupNearDuplicates } from './near-duplicates.ts';
import { splitDataset } from './split.ts';

const vocabulary =
  'apple river stone cloud paper engine garden window market bridge candle forest parcel invoice account password refund plan camera screen month order street letter doctor number friend school winter summer music kitchen mountain'.split(
    ' ',
  );

const sentence = (random: Random, words: number) =>
  Array.from({ length: words }, () => vocabulary[random.integer(vocabulary.length)]).join(' ');

const exchangeWord = (text: string, random: Random) => {
  const words = text.split(' ');
  words[random.integer(words.length)] = 'something';
  return words.join(' ');
};

const typo = (text: string, random: Random) => {
  const place = 1 + random.integer(text.length - 2);
  return `${text.slice(0, place)}x${text.slice(place + random.integer(2))}`;
};

describe('twins of the rows of a test', () => {
  it.each([
    { what: 'one typo in a short text', words: 7, twin: typo },
    { what: 'one word of 25 exchanged', words: 25, twin: exchangeWord },
    { what: 'one word of 20 exchanged', words: 20, twin: exchangeWord },
    { what: 'a word at the border of short and long', words: 19, twin: (text: string) => `${text} again` },
    { what: 'two typos in a longer text', words: 40, twin: (t: string, r: Random) => typo(typo(t, r), r) },
  ])('with $what stay on its side', ({ words, twin }) => {
    const random = createRandom(3);
    const rows = Array.from({ length: 300 }, (_, index): Example => {
      const text = sentence(random, words);
      return { id: `r${index}`, inputs: { text } };
    });
    const twins = rows.map(({ id, inputs }) => ({
      id: `${id}-twin`,
      inputs: { text: twin(String(inputs.text), random) },
    }));
    const split = splitDataset([...rows, ...twins]);
    const sideOf = new Map(
      (['train', 'validation', 'test'] as const).flatMap((side) =>
        split[side].map(({ id }) => [id, side] as const),
      ),
    );
    const crossed = rows.filter(({ id }) => sideOf.get(id) !== sideOf.get(`${id}-twin`));
    expect(crossed.length).toBeLessThanOrEqual(3);
    // Rows that have nothing to do with each other are not joined.
    expect(new Set(split.clusters.values()).size).toBeGreaterThanOrEqual(290);
  });

  it.each([
    { what: 'an order number', key: (index: number) => `ORD-${10_000 + index * 7}` },
    { what: 'a number', key: (index: number) => index },
    {
      what: 'a time',
      key: (index: number) => `2024-05-${10 + (index % 19)} 10:${10 + (index % 49)}:${index % 10}`,
    },
    { what: 'a random key', key: (index: number) => (index * 7919).toString(16).padStart(12, 'a') },
  ])('with $what of their own beside a short text are still twins', ({ key }) => {
    const random = createRandom(4);
    const texts = Array.from({ length: 200 }, () => sentence(random, 5));
    const rows = [...texts, ...texts].map((text, index) => ({
      id: `r${index}`,
      inputs: { key: key(index), text },
    }));
    const groups = groupNearDuplicates(rows);
    expect(groups.slice(200)).toEqual(groups.slice(0, 200));
  });
});

describe('rows that are not twins', () => {
  const group = (...inputs: Example['inputs'][]) =>
    groupNearDuplicates(inputs.map((values, index) => ({ id: String(index), inputs: values })));

  it.each([
    { what: 'another number in a short text', a: 'What is 17 plus 25?', b: 'What is 17 plus 26?' },
    { what: 'another word in a short text', a: 'capital of France', b: 'capital of Greece' },
    { what: 'single letters', a: 'a', b: 'b' },
    { what: 'short words', a: 'refund', b: 'refunds' },
  ])('have $what', ({ a, b }) => {
    expect(group({ text: a }, { text: b })).toEqual([0, 1]);
  });

  it('have numbers as their only inputs, all different as they may be', () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({ a: index * 3, b: index % 4 }));
    expect(new Set(group(...rows)).size).toBe(50);
  });
});

it('takes no quadratic time for rows of one template', () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    id: `r${index}`,
    inputs: { text: `please tell the customer of order ${index} that it comes on day ${index % 97} of May` },
  }));
  expect(new Set(groupNearDuplicates(rows)).size).toBeGreaterThan(0);
}, 120_000);
