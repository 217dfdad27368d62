import { describe, expect, test } from 'vitest';
import { checkEmbeddingModel, cosineSimilarity, requireVectors } from './embedding-model.ts';

const vector = (...values: readonly number[]) => Float32Array.from(values);

describe('cosineSimilarity', () => {
  test.each([
    { left: [1, 0], right: [2, 0], cosine: 1 },
    { left: [1, 0], right: [0, 3], cosine: 0 },
    { left: [1, 0], right: [-5, 0], cosine: -1 },
    { left: [3, 4], right: [4, 3], cosine: 24 / 25 },
  ])('of $left and $right is $cosine, whatever their lengths', ({ left, right, cosine }) => {
    expect(cosineSimilarity(vector(...left), vector(...right))).toBeCloseTo(cosine, 12);
  });

  test.each([
    { left: vector(1, 2), right: vector(1), why: 'one has 2 numbers, the other 1' },
    { left: vector(), right: vector(), why: 'one has 0 numbers' },
    { left: vector(0, 0), right: vector(1, 0), why: 'no direction' },
    { left: vector(Number.NaN, 0), right: vector(1, 0), why: 'no direction' },
  ])('refuses vectors where $why, instead of a figure', ({ left, right, why }) => {
    expect(() => cosineSimilarity(left, right)).toThrow(why);
  });
});

test('an answer must have a vector a text, all of one length and finite', () => {
  const check = (vectors: readonly Float32Array[], texts: number) => () =>
    requireVectors(vectors, { texts, modelId: 'test/embedder' });
  expect(check([vector(1, 2), vector(3, 4)], 2)()).toHaveLength(2);
  expect(check([], 0)()).toEqual([]);
  expect(check([vector(1, 2)], 2)).toThrow('1 vectors for 2 texts');
  expect(check([vector(1, 2), vector(3)], 2)).toThrow('several lengths');
  expect(check([vector(1, Number.POSITIVE_INFINITY)], 1)).toThrow('no number');
});

test('what is no embedding model is refused by name', () => {
  expect(() => checkEmbeddingModel({ id: 'x' })).toThrow(
    expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
  );
  expect(() => checkEmbeddingModel('text-embedding-3-small')).toThrow('embedding model');
});
