import { describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { editSimilarity } from './edit-similarity.ts';
import { listOverlap } from './list-overlap.ts';
import type { Scorer } from './scorer.ts';
import { tokenF1 } from './token-f1.ts';

async function score(scorer: Scorer, answer: Json | undefined, expected: Json | undefined) {
  const result = await scorer.score({
    example: { id: 'row-1', inputs: {}, expected: expected === undefined ? undefined : { answer: expected } },
    outputs: answer === undefined ? {} : { answer },
    trace: [],
  });
  if (result.status === 'unscored') throw new Error(result.reason);
  return result;
}

const samples = [
  { outputs: { answer: 'The refund is due.' }, expected: { answer: 'The refund is due.' } },
  { outputs: { answer: 'Nothing.' }, expected: { answer: 'The refund is due.' } },
];

describe('editSimilarity', () => {
  describeScorer('editSimilarity', () => editSimilarity('answer'), {
    samples,
    variants: [
      () => editSimilarity('answer', { ignoreCase: true }),
      () => editSimilarity('answer', { atLeast: 0.9 }),
      () => editSimilarity('other'),
    ],
  });

  test.each<{ answer: Json | undefined; expected: Json; value: number }>([
    { answer: 'kitten', expected: 'sitting', value: 1 - 3 / 7 },
    { answer: 'kitten', expected: 'kitten', value: 1 },
    { answer: '', expected: 'kitten', value: 0 },
    { answer: undefined, expected: 'kitten', value: 0 },
    { answer: '', expected: '', value: 1 },
    { answer: '👍🏽 ok', expected: '👍🏽 ok', value: 1 },
    { answer: 'a👍', expected: 'b👍', value: 0.5 },
    { answer: { a: 1 }, expected: { a: 2 }, value: 1 - 1 / 7 },
    { answer: 'ｋitten', expected: 'kitten', value: 1 },
  ])('of $answer and $expected is $value', async ({ answer, expected, value }) => {
    expect((await score(editSimilarity('answer'), answer, expected)).value).toBeCloseTo(value, 12);
  });

  test('a threshold makes it pass or fail, and keeps the likeness', async () => {
    const scorer = editSimilarity('answer', { atLeast: 0.8 });
    expect(scorer.passFail).toBe(true);
    expect(await score(scorer, 'kitten', 'sitting')).toMatchObject({
      value: 0,
      objectives: { likeness: expect.closeTo(4 / 7, 9) },
      feedback: expect.stringContaining('At least 0.8 was asked for.'),
    });
    expect(await score(scorer, 'kittens', 'kitten')).toMatchObject({ value: 1 });
  });

  test('texts too long to compare whole are never taken for alike, and the feedback says so', async () => {
    const [left, right] = ['ab'.repeat(10_000), 'ba'.repeat(10_000)];
    const result = await score(editSimilarity('answer'), `same ${left} end`, `same ${right} end`);
    expect(result.value).toBeLessThan(0.01);
    expect(result.feedback).toContain('too long to compare whole');
  });
});

describe('tokenF1', () => {
  describeScorer('tokenF1', () => tokenF1('answer'), {
    samples,
    variants: [() => tokenF1('answer', { ignoreCase: false }), () => tokenF1('answer', { atLeast: 0.5 })],
  });

  test.each<{ answer: Json | undefined; expected: Json; value: number }>([
    { answer: 'a cat sat mat', expected: 'the cat sat on mat', value: 2 / 3 },
    { answer: 'refund refund refund', expected: 'refund', value: 0.5 },
    { answer: 'It costs $5.', expected: 'It costs 5 €.', value: 2 / 3 },
    { answer: 'minus -5', expected: 'minus 5', value: 0.5 },
    { answer: '1,234.50', expected: '1234.50', value: 1 },
    { answer: '60%', expected: '60', value: 0 },
    { answer: '東京タワー', expected: '東京', value: 4 / 7 },
    { answer: 'TPG模型', expected: 'GPT模型', value: 2 / 3 },
    { answer: 'iPhone 手机', expected: 'iPhone手机', value: 1 },
    { answer: 'ភាសា', expected: 'ភាសាខ្មែរ', value: 8 / 13 },
    { answer: '👎', expected: '👍', value: 0 },
    { answer: 'good 👎', expected: 'good 👍', value: 0.5 },
    { answer: '👍👍', expected: '👍', value: 2 / 3 },
    { answer: '>', expected: '<', value: 0 },
    { answer: '???', expected: '!!!', value: 0 },
    { answer: undefined, expected: 'refund', value: 0 },
    { answer: '', expected: '', value: 1 },
    { answer: ['a', 'b'], expected: ['b', 'a'], value: 1 },
  ])('of $answer and $expected is $value', async ({ answer, expected, value }) => {
    expect((await score(tokenF1('answer'), answer, expected)).value).toBeCloseTo(value, 12);
  });

  test('keeps precision and recall, and says how many words are there', async () => {
    expect(await score(tokenF1('answer'), 'a cat sat mat', 'the cat sat on mat')).toMatchObject({
      objectives: { precision: 0.75, recall: 0.6 },
      feedback: expect.stringContaining('3 of 5 expected words are there, among 4'),
    });
  });
});

describe('listOverlap', () => {
  describeScorer('listOverlap', () => listOverlap('answer'), {
    samples: [
      { outputs: { answer: ['a', 'b'] }, expected: { answer: ['b', 'a'] } },
      { outputs: { answer: ['c'] }, expected: { answer: ['b', 'a'] } },
    ],
    variants: [
      () => listOverlap('answer', { measure: 'recall' }),
      () => listOverlap('answer', { separator: ',' }),
      () => listOverlap('answer', { ignoreCase: true }),
    ],
  });

  test.each<{ answer: Json | undefined; expected: Json; f1: number; precision: number; recall: number }>([
    { answer: ['a', 'b'], expected: ['b', 'a'], f1: 1, precision: 1, recall: 1 },
    { answer: ['a', 'a', 'a'], expected: ['a'], f1: 0.5, precision: 1 / 3, recall: 1 },
    { answer: ['a'], expected: ['a', 'a'], f1: 2 / 3, precision: 1, recall: 0.5 },
    { answer: [], expected: [], f1: 1, precision: 1, recall: 1 },
    { answer: undefined, expected: ['a'], f1: 0, precision: 0, recall: 0 },
    { answer: ['a'], expected: [], f1: 0, precision: 0, recall: 0 },
    { answer: [{ sku: 7, n: 1 }], expected: [{ n: 1, sku: 7 }], f1: 1, precision: 1, recall: 1 },
    { answer: ['12.50'], expected: [12.5], f1: 1, precision: 1, recall: 1 },
    { answer: ['$12.50'], expected: [12.5], f1: 0, precision: 0, recall: 0 },
    { answer: '["a", "b"]', expected: ['a', 'b'], f1: 1, precision: 1, recall: 1 },
    { answer: 'a, b', expected: ['a', 'b'], f1: 0, precision: 0, recall: 0 },
  ])('of $answer and $expected has F1 $f1', async ({ answer, expected, f1, precision, recall }) => {
    const result = await score(listOverlap('answer'), answer, expected);
    expect(result.value).toBeCloseTo(f1, 12);
    expect(result.objectives?.precision).toBeCloseTo(precision, 12);
    expect(result.objectives?.recall).toBeCloseTo(recall, 12);
  });

  test('a separator splits texts, and another measure can be the score', async () => {
    const scorer = listOverlap('answer', { separator: ';', measure: 'jaccard' });
    expect((await score(scorer, 'a; b;c', 'b; d')).value).toBeCloseTo(1 / 4, 12);
  });

  test('names what is missing and what was not expected', async () => {
    expect((await score(listOverlap('answer'), ['a', 'x'], ['a', 'b'])).feedback).toBe(
      'Missing: "b". Not expected: "x". 1 of 2 expected items are there, among 2 (f1 0.5).',
    );
  });
});
