import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { clusterRows } from '../../dataset/cluster-rows.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type PlanRowsOptions, planRoles, planRows } from './plan-rows.ts';

/** Rows that no two share a word of; every `groupSize` of them belong together. */
function rows(count: number, groupSize = 1): readonly Example[] {
  const random = createRandom('rows');
  const word = () => String.fromCharCode(...Array.from({ length: 8 }, () => 97 + random.integer(26)));
  return Array.from({ length: count }, (_, index) => ({
    id: `row-${index}`,
    inputs: { text: Array.from({ length: 6 }, word).join(' ') },
    expected: { label: index % 2 === 0 ? 'a' : 'b' },
    ...(groupSize > 1 && { group: `group-${Math.floor(index / groupSize)}` }),
  }));
}

function plan(examples: readonly Example[], options: Partial<PlanRowsOptions> = {}) {
  return planRows(examples, { seed: 1, passFail: true, reasonAgainstCrossFit: () => undefined, ...options });
}

const tooDear = { reasonAgainstCrossFit: () => 'it would take 900 calls' };
const sizes = ({ split }: ReturnType<typeof plan>) =>
  [split.train, split.validation, split.test].map(({ length }) => length);

describe('rows are used so that their test can show something', () => {
  test.each([
    { count: 240, expected: [120, 60, 60] },
    { count: 200, expected: [100, 50, 50] },
    { count: 199, expected: [100, 50, 49] },
    { count: 150, expected: [66, 34, 50] },
    { count: 120, expected: [46, 24, 50] },
  ])('$count rows are split once, the test with 50 or more', ({ count, expected }) => {
    const planned = plan(rows(count));
    expect(planned.method).toBe('held-out');
    for (const [index, size] of sizes(planned).entries()) {
      expect(Math.abs(size - (expected[index] ?? 0))).toBeLessThanOrEqual(1);
    }
    expect(planned.testRows).toBe(planned.split.test.length);
  });

  test.each([20, 79, 80, 119])('%i rows are cross-fitted, all of them tested', (count) => {
    expect(plan(rows(count))).toMatchObject({ method: 'cross-fit', testRows: count, testClusters: count });
  });

  test.each([
    { count: 119, test: 60 },
    { count: 80, test: 40 },
  ])('$count rows that cannot be cross-fitted are half test, and why is said', ({ count, test: size }) => {
    const planned = plan(rows(count), tooDear);
    expect(planned.method).toBe('held-out');
    expect(Math.abs(planned.testRows - size)).toBeLessThanOrEqual(1);
    expect(planned.notices.join(' ')).toMatch(/Half of them are the test.*it would take 900 calls/);
  });

  test('fewer that cannot be cross-fitted prove nothing, and how many would is said', () => {
    const planned = plan(rows(79), tooDear);
    expect(planned).toMatchObject({ method: 'development-only', testRows: 0, smallestDifference: undefined });
    expect(planned.notices.join(' ')).toMatch(/Nothing will be proven; 80 independent rows would do/);
    expect(plan(rows(19)).method).toBe('development-only');
  });

  test('there is no cliff: of 79, 80 and 120 rows the test finds about the same', () => {
    const differences = [79, 80, 120, 200].map((count) => plan(rows(count)).smallestDifference ?? 1);
    expect(Math.max(...differences)).toBeLessThan(0.2);
  });

  test('clusters are counted, not rows', () => {
    expect(plan(rows(400, 5))).toMatchObject({ method: 'cross-fit', testRows: 400, testClusters: 80 });
    const planned = plan(rows(400, 2));
    expect(planned.method).toBe('held-out');
    expect(planned.testClusters).toBe(planned.testRows / 2);
    expect(planned.notices.join(' ')).toMatch(/which count as \d+,/);
  });
});

describe('shares of one’s own', () => {
  test('hold where they leave the test enough', () => {
    expect(sizes(plan(rows(300), { shares: [0.6, 0.2, 0.2] }))).toEqual([180, 60, 60]);
  });

  test('that leave it too few rows give way to cross-fitting', () => {
    expect(plan(rows(150), { shares: [0.6, 0.2, 0.2] }).method).toBe('cross-fit');
  });

  test('hold where cross-fitting is not possible, and the small test is said', () => {
    const planned = plan(rows(150), { ...tooDear, shares: [0.6, 0.2, 0.2] });
    expect(sizes(planned)).toEqual([90, 30, 30]);
    expect(planned.notices.join(' ')).toMatch(/The test has 30 rows, and fewer than 50 find only large/);
  });

  test('without a test, or without validation, are refused', () => {
    for (const shares of [[0.5, 0.5, 0] as const, [0.5, 0, 0.5] as const, [0, 0.5, 0.5] as const]) {
      expect(() => plan(rows(300), { shares })).toThrow(
        expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
      );
    }
  });
});

describe('the smallest difference', () => {
  test('is told before anything is spent', () => {
    const planned = plan(rows(240));
    expect(planned.smallestDifference).toBeGreaterThan(0.15);
    expect(planned.notices.at(-1)).toMatch(
      /A test of 60 rows finds a difference of 0\.1\d in four of five runs when 20 % of the answers differ/,
    );
  });

  test('of graded scores is told with what is taken for granted', () => {
    expect(plan(rows(240), { passFail: false }).notices.at(-1)).toMatch(/when differences spread by 0\.3/);
  });
});

test('roles that are given are kept, with a word where the test is small', () => {
  const examples = rows(60);
  const split = {
    train: examples.slice(0, 30),
    validation: examples.slice(30, 40),
    test: examples.slice(40),
    clusters: clusterRows(examples),
    notices: [],
  };
  const planned = planRoles(split, { passFail: true });
  expect(planned).toMatchObject({ method: 'held-out', testRows: 20, testClusters: 20 });
  expect(planned.notices[0]).toMatch(/The test has 20 independent rows/);
});
