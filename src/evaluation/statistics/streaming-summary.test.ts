import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import type { Outcome } from '../evaluation.ts';
import { clusteredStandardError } from './score-interval.ts';
import { createScoreAccumulator, summarizeScores } from './streaming-summary.ts';

const scored = (value: number): Outcome => ({ status: 'scored', value });
const passFail = { name: 'exact-match', passFail: true, random: createRandom(1) };
const graded = { name: 'similarity', passFail: false, random: createRandom(1) };

test('pass/fail scores have a Wilson interval, faults of the candidate counted as fails', () => {
  const outcomes: Outcome[] = [
    ...Array.from({ length: 17 }, () => scored(1)),
    scored(0),
    scored(0),
    { status: 'failed', value: 0, feedback: 'not JSON', text: 'well…' },
    { status: 'unscored', reason: 'no expected value' },
    { status: 'infrastructure-error', code: 'HONE_MODEL_TIMEOUT', reason: 'no answer in time' },
    { status: 'infrastructure-error', code: 'HONE_MODEL_TIMEOUT', reason: 'no answer in time' },
  ];
  const summary = summarizeScores(outcomes, passFail);
  expect(summary).toMatchObject({
    name: 'exact-match',
    rows: 20,
    minimum: 0,
    failed: 1,
    unscored: 1,
    infrastructureErrors: 2,
  });
  expect(summary.mean).toBeCloseTo(0.85, 12);
  expect(summary.standardDeviation).toBeCloseTo(0.366348, 6);
  expect(summary.interval[0]).toBeCloseTo(0.639581, 6);
  expect(summary.interval[1]).toBeCloseTo(0.947631, 6);
});

describe('graded scores', () => {
  const values = [0.55, 0.61, 0.42, 0.73, 0.88, 0.39, 0.67, 0.71, 0.58, 0.95];

  test('have a bootstrap interval below 30 rows', () => {
    const { interval } = summarizeScores(values.map(scored), { ...graded, resamples: 99_999 });
    expect(Math.abs(interval[0] - 0.549)).toBeLessThan(0.003);
    expect(Math.abs(interval[1] - 0.76)).toBeLessThan(0.003);
  });

  test('have one that does not depend on the order of the rows', () => {
    const forward = summarizeScores(values.map(scored), graded);
    const backward = summarizeScores([...values].reverse().map(scored), graded);
    expect(backward.interval).toEqual(forward.interval);
  });

  test('have a t interval from 30 rows on', () => {
    const many = [...values, ...values, ...values];
    const summary = summarizeScores(many.map(scored), graded);
    const half = (2.0452296421327 * summary.standardDeviation) / Math.sqrt(30);
    expect(summary.mean).toBeCloseTo(0.649, 12);
    expect(summary.interval[0]).toBeCloseTo(0.649 - half, 6);
    expect(summary.interval[1]).toBeCloseTo(0.649 + half, 6);
  });

  test('that are all alike keep an interval with a width', () => {
    const { interval } = summarizeScores(
      Array.from({ length: 40 }, () => scored(1)),
      graded,
    );
    expect(interval[0]).toBeGreaterThan(0.9);
    expect(interval[0]).toBeLessThan(0.93);
    expect(interval[1]).toBe(1);
  });

  test('are taken as such when a scorer of passes has a fail value between 0 and 1', () => {
    const outcomes = [...Array.from({ length: 40 }, () => scored(1)), scored(0.25)];
    const { interval, note } = summarizeScores(outcomes, passFail);
    // As t with one more row at 0: (40 + 0.25) / 42, spread 0.19020.
    expect(interval[0]).toBeCloseTo(40.25 / 42 - (2.01954 * 0.1902) / Math.sqrt(42), 3);
    expect(note).toMatch(/spread little/);
  });
});

test('nothing scored is said by rows, and the interval is everything', () => {
  const summary = summarizeScores([{ status: 'unscored', reason: 'no expected value' }], passFail);
  expect(summary).toMatchObject({ rows: 0, scored: 0, interval: [0, 1], unscored: 1 });
  expect(summary.mean).toBeUndefined();
});

test('a million rows end in the mean and spread of all, and any point before can be looked at', () => {
  const accumulator = createScoreAccumulator({ ...graded });
  for (let row = 0; row < 1_000_000; row += 1) {
    accumulator.add(scored((row % 100) / 99));
    if (row === 99) expect(accumulator.summary().mean).toBeCloseTo(0.5, 12);
  }
  const summary = accumulator.summary();
  expect(summary.rows).toBe(1_000_000);
  expect(summary.mean).toBeCloseTo(0.5, 9);
  expect(summary.standardDeviation).toBeCloseTo(0.2915766, 6);
});

describe('groups of rows', () => {
  const groups = [
    [1, 1, 0],
    [1, 0, 0],
    [1, 1, 1],
    [0, 0, 1],
  ];
  const accumulate = (copies = 1, options: typeof passFail = passFail) => {
    const accumulator = createScoreAccumulator(options);
    for (const [group, values] of groups.entries()) {
      for (let copy = 0; copy < copies; copy += 1) {
        for (const value of values) accumulator.add(scored(value), { cluster: `group-${group}` });
      }
    }
    return accumulator.summary();
  };

  test('have the published standard error', () => {
    const clusters = groups.map((values) => ({
      rows: values.length,
      sum: values.reduce((sum, value) => sum + value, 0),
    }));
    const alone = { rows: 0, mean: 0, squares: 0 };
    expect(clusteredStandardError({ rows: 12, mean: 7 / 12, clusters, alone })).toBeCloseTo(0.159571, 6);
    const single = { rows: 4, mean: 0.5, clusters: [], alone: { rows: 4, mean: 0.5, squares: 1 } };
    expect(clusteredStandardError(single)).toBeCloseTo(Math.sqrt(1 / 3) / 2, 12);
  });

  test('do not make an interval narrower by being repeated', () => {
    const once = accumulate();
    const often = accumulate(20);
    expect(once).toMatchObject({ rows: 12, clusters: 4, note: expect.stringContaining('4 groups') });
    expect(often).toMatchObject({ rows: 240, clusters: 4 });
    expect(often.interval[0]).toBeCloseTo(once.interval[0], 9);
    expect(often.interval[1]).toBeCloseTo(once.interval[1], 9);
  });

  test('of one alone tell nothing', () => {
    const accumulator = createScoreAccumulator(passFail);
    for (let row = 0; row < 50; row += 1) accumulator.add(scored(row % 2), { cluster: 'one' });
    expect(accumulator.summary()).toMatchObject({ interval: [0, 1], clusters: 1 });
  });
});

describe('copies of a row', () => {
  const summaryOf = (copies: number, known = true) => {
    const accumulator = createScoreAccumulator(passFail);
    for (let row = 0; row < 12 * copies; row += 1) {
      accumulator.add(scored(row % 12 < 8 ? 1 : 0), known ? { content: row % 12 } : {});
    }
    return accumulator.summary();
  };

  test('count once in the interval, in whatever order they come', () => {
    const once = summaryOf(1);
    const often = summaryOf(10);
    expect(once).toMatchObject({ rows: 12, mean: expect.closeTo(8 / 12, 9) });
    expect(once.clusters).toBeUndefined();
    expect(often).toMatchObject({ rows: 120, clusters: 12, note: expect.stringContaining('12 groups') });
    expect(often.interval[0]).toBeLessThan(0.42);
    expect(often.interval[1]).toBeGreaterThan(0.84);
  });

  test('rows whose content is not known stand alone', () => {
    expect(summaryOf(10, false).clusters).toBeUndefined();
  });

  test('stand beside groups and single rows', () => {
    const accumulator = createScoreAccumulator(passFail);
    for (let row = 0; row < 30; row += 1) {
      const cluster = row < 10 ? `group ${row % 2}` : undefined;
      accumulator.add(scored(row % 3 === 0 ? 1 : 0), { cluster, content: row < 20 ? row % 5 : row });
    }
    // Two groups, five texts asked twice, ten single rows.
    expect(accumulator.summary()).toMatchObject({ rows: 30, clusters: 17 });
  });
});

describe('rare zeros among high scores', () => {
  const summaryOf = (zeros: number, rows: number) =>
    summarizeScores(
      Array.from({ length: rows }, (_, row) =>
        scored(row < zeros ? 0 : 0.88 + 0.04 * ((row * 7) % 10) * 0.1),
      ),
      graded,
    );

  test('that were not seen are not ruled out, and the interval says so', () => {
    const summary = summaryOf(0, 60);
    // Three in a hundred do not occur in sixty rows in 16 % of the samples.
    expect(summary.interval[0]).toBeLessThan(0.9 * 0.97);
    expect(summary.note).toMatch(/spread little/);
  });

  test('that were seen often enough need no such margin', () => {
    expect(summaryOf(5, 60).note).toBeUndefined();
  });

  test('are covered as often as promised', () => {
    for (const share of [0.01, 0.03, 0.05, 0.1]) {
      const random = createRandom(`zeros ${share}`);
      let covered = 0;
      const runs = 2_000;
      for (let run = 0; run < runs; run += 1) {
        const outcomes = Array.from({ length: 60 }, () =>
          scored(random.next() < share ? 0 : 0.88 + 0.04 * random.next()),
        );
        const [low, high] = summarizeScores(outcomes, graded).interval;
        if (low <= 0.9 * (1 - share) && high >= 0.9 * (1 - share)) covered += 1;
      }
      expect(covered / runs).toBeGreaterThan(0.92);
    }
  });
});
