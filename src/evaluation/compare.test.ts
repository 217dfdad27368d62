import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { compareScores, type ScorePair } from './compare.ts';

function pairsOf(groups: readonly (readonly [count: number, seed: number, winner: number])[]): ScorePair[] {
  return groups.flatMap(([count, seed, winner], group) =>
    Array.from({ length: count }, (_, index) => ({ exampleId: `${group}-${index}`, seed, winner })),
  );
}

/** Rows right by both, by the seed alone, by the winner alone, by neither. */
type Table = readonly [both: number, broken: number, fixed: number, neither: number];

function comparePassFail([both, broken, fixed, neither]: Table, lost = 0) {
  const pairs = pairsOf([
    [both, 1, 1],
    [broken, 1, 0],
    [fixed, 0, 1],
    [neither, 0, 0],
  ]);
  return compareScores({ pairs, passFail: true, lost, random: createRandom(1) });
}

describe('pass/fail scores', () => {
  test('25 both, 3 broken, 12 fixed, 10 neither give the published difference, interval and p', () => {
    const comparison = comparePassFail([25, 3, 12, 10]);
    expect(comparison).toMatchObject({
      rows: 50,
      lost: 0,
      seedMean: 0.56,
      winnerMean: 0.74,
      test: 'mcnemar-exact',
      intervalMethod: 'newcombe-paired',
      verdict: 'improved',
    });
    expect(comparison.difference).toBeCloseTo(0.18, 12);
    expect(comparison.interval[0]).toBeCloseTo(0.029112, 6);
    expect(comparison.interval[1]).toBeCloseTo(0.31921, 6);
    expect(comparison.pValue).toBeCloseTo(0.03515625, 12);
    expect(comparison.midP).toBeCloseTo(0.02127075, 8);
    expect(comparison.fixed).toHaveLength(12);
    expect(comparison.broken).toEqual(['1-0', '1-1', '1-2']);
    expect(comparison.note).toBeUndefined();
  });

  test.each([
    { both: 25, broken: 20, fixed: 35, neither: 10, verdict: 'no-reliable-improvement' },
    { both: 10, broken: 1, fixed: 8, neither: 5, verdict: 'improved' },
    { both: 10, broken: 12, fixed: 3, neither: 5, verdict: 'no-reliable-improvement' },
    { both: 30, broken: 0, fixed: 5, neither: 5, verdict: 'no-reliable-improvement' },
    { both: 30, broken: 0, fixed: 0, neither: 5, verdict: 'no-reliable-improvement' },
    { both: 0, broken: 0, fixed: 40, neither: 0, verdict: 'improved' },
  ])('$fixed fixed and $broken broken: $verdict', ({ both, broken, fixed, neither, verdict }) => {
    expect(comparePassFail([both, broken, fixed, neither]).verdict).toBe(verdict);
  });

  test('an interval above 0 is not enough while p is above 0.05', () => {
    const comparison = comparePassFail([0, 0, 5, 3]);
    expect(comparison.interval[0]).toBeGreaterThan(0.16);
    expect(comparison.pValue).toBe(0.0625);
    expect(comparison.verdict).toBe('no-reliable-improvement');
  });

  test.each([
    { lost: 2, verdict: 'improved' },
    { lost: 3, verdict: 'incomplete' },
  ])('$lost of 50 pairs lost beside those left: $verdict', ({ lost, verdict }) => {
    expect(comparePassFail([25 - lost, 0, 20, 5], lost).verdict).toBe(verdict);
  });

  test('fewer than six differing rows are said to be too few', () => {
    expect(comparePassFail([30, 0, 5, 5]).note).toBe(
      'Only 5 of 40 rows differ; with fewer than 6 no difference can be significant yet.',
    );
    expect(comparePassFail([30, 0, 6, 5]).note).toBeUndefined();
  });

  test('few rows take the usual share of differing rows for the smallest effect that they can find', () => {
    expect(comparePassFail([10, 0, 9, 1]).minimumDetectableEffect).toBeCloseTo(0.263937906498602, 9);
  });

  test('many rows take the share that differs in them', () => {
    const few = comparePassFail([98, 1, 1, 100]).minimumDetectableEffect;
    const many = comparePassFail([60, 40, 40, 60]).minimumDetectableEffect;
    expect(few).toBeLessThan(many);
  });
});

describe('graded scores', () => {
  const graded = (differences: readonly number[]) =>
    differences.map((difference, index) => ({ exampleId: `${index}`, seed: 0.5, winner: 0.5 + difference }));

  test('are tested by sign flips with the published p', () => {
    const pairs = graded([0.2, 0.1, -0.1, 0.3, 0, 0.4, 0.25, -0.05]);
    const comparison = compareScores({ pairs, passFail: false, random: createRandom(1) });
    expect(comparison).toMatchObject({
      test: 'sign-flip',
      intervalMethod: 'bca',
      pValue: 0.09375,
      verdict: 'no-reliable-improvement',
      fixed: ['0', '1', '3', '5', '6'],
      broken: ['2', '7'],
    });
    expect(comparison.midP).toBeUndefined();
    expect(comparison.difference).toBeCloseTo(0.1375, 12);
  });

  test('of 40 rows that gain 0.1 to 0.3 are an improvement', () => {
    const pairs = graded(Array.from({ length: 40 }, (_, index) => 0.1 + (index % 5) * 0.05));
    const comparison = compareScores({ pairs, passFail: false, random: createRandom(1) });
    expect(comparison.verdict).toBe('improved');
    expect(comparison.interval[0]).toBeGreaterThan(0.17);
    expect(comparison.interval[1]).toBeLessThan(0.23);
  });

  test('that lose are no improvement, however sure', () => {
    const pairs = graded(Array.from({ length: 40 }, () => -0.2));
    const comparison = compareScores({ pairs, passFail: false, random: createRandom(1) });
    expect(comparison).toMatchObject({ verdict: 'no-reliable-improvement', intervalMethod: 'percentile' });
    expect(comparison.pValue).toBeLessThan(0.001);
  });

  test('have the same figures for the same seed', () => {
    const pairs = graded(Array.from({ length: 30 }, (_, index) => ((index * 7) % 11) / 20 - 0.2));
    const compare = (seed: number) => compareScores({ pairs, passFail: false, random: createRandom(seed) });
    expect(compare(7)).toEqual(compare(7));
    expect(compare(7).interval).not.toEqual(compare(8).interval);
  });

  test('decide when a scorer of passes gave something between, as with an average of trials', () => {
    const pairs = pairsOf([
      [10, 0, 0.5],
      [10, 0.5, 1],
    ]);
    expect(compareScores({ pairs, passFail: true, random: createRandom(1) }).test).toBe('sign-flip');
  });
});

test('a comparison of nothing is refused', () => {
  const compare = () => compareScores({ pairs: [], passFail: true, lost: 4, random: createRandom(1) });
  expect(compare).toThrow(HoneError);
  expect(compare).toThrow('The comparison needs at least 1 scored row, got 0.');
});
