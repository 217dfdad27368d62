import { describe, expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import type { PairSide, ScorePair } from './compare.ts';
import { compareParity, type ParityOptions } from './parity.ts';

const pairs = (
  ...groups: readonly (readonly [count: number, predecessor: PairSide, successor: PairSide])[]
) =>
  groups.flatMap(([count, seed, winner], group) =>
    Array.from(
      { length: count },
      (_, index): ScorePair => ({ exampleId: `${group}/${index}`, seed, winner }),
    ),
  );
const parity = (rows: readonly ScorePair[], options: Partial<ParityOptions> = {}) =>
  compareParity({ pairs: rows, passFail: true, margin: 0.05, random: createRandom('parity'), ...options });

describe('pass/fail', () => {
  test('two that agree on enough rows are at parity, on few rows not', () => {
    const many = parity(pairs([180, 1, 1], [20, 0, 0]));
    expect(many).toMatchObject({ verdict: 'parity', difference: 0, rows: 200 });
    expect(many.lowerBound).toBeGreaterThan(-0.05);
    const few = parity(pairs([18, 1, 1], [2, 0, 0]));
    expect(few.verdict).toBe('not-shown');
    expect(few.rowsNeeded).toBeGreaterThan(20);
  });

  test('one that loses as much as the margin is not, however many rows there are', () => {
    const lost = parity(pairs([4_500, 1, 1], [250, 1, 0], [250, 0, 0]));
    expect(lost).toMatchObject({ verdict: 'not-shown', difference: expect.closeTo(-0.05, 9) });
    expect(parity(pairs([4_500, 1, 1], [250, 1, 0], [250, 0, 0]), { margin: 0.1 }).verdict).toBe('parity');
  });

  test('a bound holds in 95 % of the samples', () => {
    const random = createRandom('coverage');
    let misses = 0;
    const runs = 600;
    for (let run = 0; run < runs; run += 1) {
      // The successor is exactly the margin worse: 10 % lost, 5 % won.
      const rows = Array.from({ length: 200 }, (_, index): ScorePair => {
        const draw = random.next();
        const [seed, winner] = draw < 0.1 ? [1, 0] : draw < 0.15 ? [0, 1] : draw < 0.85 ? [1, 1] : [0, 0];
        return { exampleId: `${index}`, seed: seed as number, winner: winner as number };
      });
      if (parity(rows).verdict === 'parity') misses += 1;
    }
    expect(misses / runs).toBeLessThan(0.08);
  });

  test('rows that served before take more', () => {
    const rows = pairs([180, 1, 1], [20, 0, 0]);
    expect(parity(rows, { earlierUses: 8 }).lowerBound).toBeLessThan(parity(rows).lowerBound);
  });

  test('what only the predecessor has a score for counts against the successor', () => {
    const rows = pairs([390, 1, 1], [10, 1, 'unscored']);
    expect(parity(rows, { margin: 0.03 }).verdict).toBe('incomplete');
    expect(parity(pairs([360, 1, 1], [40, 1, 'lost'])).verdict).toBe('incomplete');
  });
});

describe('graded', () => {
  const graded = (count: number, difference: (index: number) => number) =>
    Array.from({ length: count }, (_, index): ScorePair => {
      return { exampleId: `${index}`, seed: 0.6, winner: 0.6 + difference(index) };
    });

  test('small differences about zero are parity', () => {
    const rows = graded(300, (index) => (index % 2 === 0 ? 0.05 : -0.05));
    expect(parity(rows, { passFail: false }).verdict).toBe('parity');
  });

  test('a loss of everything that was not seen is not ruled out by a few rows', () => {
    expect(
      parity(
        graded(20, () => 0),
        { passFail: false },
      ).verdict,
    ).toBe('not-shown');
    expect(
      parity(
        graded(20, () => 0.01),
        { passFail: false },
      ).verdict,
    ).toBe('not-shown');
  });
});

test('rows of one cluster count once', () => {
  const rows = pairs([200, 1, 1]).map((row, index) => ({ ...row, cluster: `c${index % 10}` }));
  expect(parity(rows)).toMatchObject({ rows: 200, clusters: 10, verdict: 'not-shown' });
});

test('without a row on both sides there is nothing to compare', () => {
  expect(() => parity(pairs([3, 1, 'lost']))).toThrow(expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }));
});
