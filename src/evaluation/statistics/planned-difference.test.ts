import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { compareScores } from '../compare.ts';
import { mcnemarPower, plannedDifference } from './planned-difference.ts';

/** Share of comparisons that find the difference when a fifth of the rows differ. */
function foundShare(rows: number, difference: number, runs: number): number {
  let found = 0;
  for (let run = 0; run < runs; run += 1) {
    const random = createRandom(`${rows}/${run}`);
    const rate = Math.max(0.2, difference);
    const pairs = Array.from({ length: rows }, (_, index) => {
      const place = random.next();
      const [seed, winner] = place < (rate + difference) / 2 ? [0, 1] : place < rate ? [1, 0] : [1, 1];
      return { exampleId: `${index}`, seed, winner };
    });
    if (compareScores({ pairs, passFail: true, random }).verdict === 'improved') found += 1;
  }
  return found / runs;
}

describe('the smallest difference that a test finds', () => {
  test.each([{ rows: 50 }, { rows: 100 }, { rows: 200 }])(
    'is found in four of five comparisons of $rows rows',
    ({ rows }) => {
      const difference = plannedDifference(rows, { passFail: true });
      expect(mcnemarPower(rows, difference)).toBeCloseTo(0.8, 2);
      expect(Math.abs(foundShare(rows, difference, 600) - 0.8)).toBeLessThan(0.06);
    },
  );

  test('is a little above that of the normal approximation', () => {
    const difference = plannedDifference(100, { passFail: true });
    expect(difference).toBeGreaterThan(0.1238);
    expect(difference).toBeLessThan(0.15);
  });

  test('falls with the rows and is 1 where nothing can be found', () => {
    const sizes = [6, 20, 50, 100, 400, 2_000];
    const differences = sizes.map((rows) => plannedDifference(rows, { passFail: true }));
    expect([...differences].sort((a, b) => b - a)).toEqual(differences);
    expect(plannedDifference(5, { passFail: true })).toBe(1);
    expect(plannedDifference(5, { passFail: false })).toBeLessThan(1);
    expect(plannedDifference(1, { passFail: false })).toBe(1);
  });

  test('of graded scores holds one pair at the worst value', () => {
    expect(plannedDifference(60, { passFail: false })).toBeCloseTo(0.1321, 3);
  });

  test('of no row is refused', () => {
    expect(() => plannedDifference(0, { passFail: true })).toThrow(
      expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }),
    );
  });
});
