import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { type CompareScoresOptions, compareScores, type PairSide, type ScorePair } from './compare.ts';
import { correctionFor } from './use-correction.ts';

function pairsOf(
  groups: readonly (readonly [count: number, seed: PairSide, winner: PairSide])[],
): ScorePair[] {
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
    [lost, 'lost', 'lost'],
  ]);
  return compareScores({ pairs, passFail: true, random: createRandom(1) });
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
      intervalMethod: 'bca-widened',
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
    expect(comparison.interval[0]).toBeGreaterThan(0.05);
    expect(comparison.interval[1]).toBeLessThan(0.3);
  });

  test('that lose are no improvement, however sure', () => {
    const pairs = graded(Array.from({ length: 40 }, () => -0.2));
    const comparison = compareScores({ pairs, passFail: false, random: createRandom(1) });
    expect(comparison).toMatchObject({
      verdict: 'no-reliable-improvement',
      intervalMethod: 'bca-widened',
      note: expect.stringContaining('All differences are equal'),
    });
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
  const pairs = pairsOf([[4, 'lost', 1]]);
  const compare = () => compareScores({ pairs, passFail: true, random: createRandom(1) });
  expect(compare).toThrow(HoneError);
  expect(compare).toThrow('The comparison needs at least 1 scored row, got 0.');
});

const compare = (pairs: readonly ScorePair[], options: Partial<CompareScoresOptions> = {}) =>
  compareScores({ pairs, passFail: true, random: createRandom(1), ...options });

describe('rare losses', () => {
  const gains = (count: number, gain: number) => pairsOf([[count, 0.5, 0.5 + gain]]);

  test('that have not occurred yet are not ruled out by equal gains', () => {
    const comparison = compare(gains(40, 0.0285), { passFail: false });
    expect(comparison).toMatchObject({ verdict: 'no-reliable-improvement', intervalMethod: 'bca-widened' });
    expect(comparison.interval[0]).toBeLessThan(0);
    expect(comparison.interval[1]).toBeGreaterThan(0.03);
    expect(comparison.note).toMatch(/All differences are equal, .*covers more than 95 %/);
  });

  test('are beside a gain that is large enough no reason to doubt', () => {
    expect(compare(gains(40, 0.3), { passFail: false }).verdict).toBe('improved');
  });

  test('are said where one more would undo the verdict', () => {
    const comparison = compare([...gains(115, 0.04), ...pairsOf([[5, 0.5, 0.3]])], { passFail: false });
    expect(comparison.verdict).toBe('no-reliable-improvement');
    expect(comparison.pValue).toBeLessThan(0.05);
  });
});

describe('clusters', () => {
  test('of copies count once: ten rows, nine of which are one, are two', () => {
    const pairs: readonly ScorePair[] = [
      ...Array.from({ length: 9 }, (_, copy) => ({
        exampleId: `copy-${copy}`,
        cluster: 'a',
        seed: 0,
        winner: 1,
      })),
      { exampleId: 'alone', seed: 0, winner: 0 },
    ];
    expect(compare(pairs)).toMatchObject({
      rows: 10,
      clusters: 2,
      difference: 0.5,
      pValue: 1,
      test: 'mcnemar-exact',
      verdict: 'no-reliable-improvement',
      note: expect.stringContaining('The 10 rows count as 2'),
    });
    expect(compare(pairs).fixed).toHaveLength(9);
    expect(compare(pairs.map(({ cluster: _, ...pair }) => pair)).verdict).toBe('improved');
  });

  test('whose rows disagree are compared by their averages', () => {
    const pairs = Array.from({ length: 40 }, (_, row) => ({
      exampleId: `${row}`,
      cluster: `${Math.floor(row / 2)}`,
      seed: 0,
      winner: row % 2,
    }));
    const comparison = compare(pairs);
    expect(comparison).toMatchObject({
      clusters: 20,
      difference: 0.5,
      test: 'sign-flip',
      verdict: 'improved',
    });
  });

  test('called like a row are not that row', () => {
    const pairs = [
      { exampleId: 'a', seed: 0, winner: 1 },
      { exampleId: 'b', cluster: 'a', seed: 0, winner: 1 },
    ];
    expect(compare(pairs).clusters).toBe(2);
  });

  test('do not make an interval narrower by being repeated', () => {
    const rows = (copies: number) =>
      Array.from({ length: 60 * copies }, (_, index) => {
        const row = index % 60;
        return { exampleId: `${row}`, seed: (row % 7) / 7, winner: ((row * 3) % 11) / 11 };
      });
    const once = compare(rows(1), { passFail: false });
    const often = compare(rows(20), { passFail: false });
    expect(often).toMatchObject({ rows: 60, clusters: 60 });
    expect(often.interval[0]).toBeCloseTo(once.interval[0], 10);
    expect(often.interval[1]).toBeCloseTo(once.interval[1], 10);
    expect(often.pValue).toBe(once.pValue);
  });
});

describe('rows that only one side has a score for', () => {
  test('count against a winner that abstains where the seed was right', () => {
    const pairs = pairsOf([
      [24, 1, 'unscored'],
      [24, 0, 1],
      [52, 0, 0],
    ]);
    const comparison = compare(pairs);
    expect(comparison).toMatchObject({
      rows: 76,
      lost: 0,
      oneSided: { seed: 24, winner: 0 },
      verdict: 'incomplete',
      note: '24 rows have a score of the seed alone, outside the figures and the interval; counted against the winner, the difference is +0.000, which proves nothing.',
    });
    expect(comparison.against).toMatchObject({ pValue: 1 });
  });

  test('do not help a winner that answers where the seed abstains', () => {
    const comparison = compare(
      pairsOf([
        [30, 'unscored', 1],
        [40, 1, 1],
        [2, 0, 1],
      ]),
    );
    expect(comparison).toMatchObject({
      oneSided: { seed: 0, winner: 30 },
      verdict: 'no-reliable-improvement',
    });
  });

  test('leave a verdict that holds without them', () => {
    expect(
      compare(
        pairsOf([
          [3, 1, 'lost'],
          [40, 0, 1],
          [57, 1, 1],
        ]),
      ).verdict,
    ).toBe('improved');
    expect(
      compare(
        pairsOf([
          [3, 'lost', 0],
          [40, 0, 1],
          [57, 1, 1],
        ]),
      ).verdict,
    ).toBe('improved');
  });

  test.each([
    {
      side: 'winner',
      pairs: pairsOf([
        [4, 1, 'lost'],
        [9, 0, 1],
        [1, 1, 0],
        [86, 1, 1],
      ]),
    },
    {
      side: 'seed',
      pairs: pairsOf([
        [4, 'lost', 0],
        [9, 0, 1],
        [1, 1, 0],
        [86, 1, 1],
      ]),
    },
  ])('make it incomplete where the $side lost those that would undo it', ({ pairs }) => {
    expect(compare(pairs)).toMatchObject({ lost: 4, verdict: 'incomplete' });
  });

  test('take the fail value of the scorer', () => {
    const pairs = pairsOf([
      [5, 0.2, 'unscored'],
      [60, 0.2, 0.6],
      [35, 0.5, 0.6],
    ]);
    expect(compare(pairs, { passFail: false, failValue: 0.2 }).against?.difference).toBeCloseTo(0.275, 9);
  });

  test('are seen among the trials of a row that has others', () => {
    const trials = (seed: PairSide, winner: PairSide) =>
      Array.from({ length: 12 }, (_, row) => ({ exampleId: `${row}`, seed, winner }));
    const comparison = compare([...trials(1, 1), ...trials(0, 1), ...trials(1, 'unscored')]);
    expect(comparison).toMatchObject({ rows: 12, oneSided: { seed: 0, winner: 0 } });
    expect(comparison.against?.difference).toBeCloseTo(0, 12);
    expect(comparison.note).toMatch(/Some trials have a score of one side alone/);
  });
});

describe('test rows that served before', () => {
  test('multiply p by 1, 3, 6, 10 and say so', () => {
    expect([0, 1, 2, 3].map(correctionFor)).toEqual([1, 3, 6, 10]);
    const first = comparePassFail([25, 3, 12, 10]);
    const pairs = pairsOf([
      [25, 1, 1],
      [3, 1, 0],
      [12, 0, 1],
      [10, 0, 0],
    ]);
    const second = compare(pairs, { earlierUses: 1 });
    expect(second.pValue).toBeCloseTo(3 * first.pValue, 12);
    expect(second).toMatchObject({
      verdict: 'no-reliable-improvement',
      note: expect.stringContaining('use 2 of these test rows, so p is multiplied by 3'),
    });
  });

  test('still prove what is beyond doubt, after any number of uses', () => {
    const pairs = Array.from({ length: 80 }, (_, row) => ({
      exampleId: `${row}`,
      seed: 0.2 + (row % 3) / 10,
      winner: 0.8 + (row % 5) / 50,
    }));
    expect(compare(pairs, { passFail: false, earlierUses: 30 }).verdict).toBe('improved');
  });

  test('err together at most twice as often as the first use', () => {
    const shares = Array.from({ length: 100_000 }, (_, uses) => 1 / correctionFor(uses));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(2);
  });
});
