import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import type { Outcome } from '../evaluation.ts';
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
    const { interval } = summarizeScores(outcomes, passFail);
    expect(interval[0]).toBeCloseTo(1 - 0.75 / 41 - (2.02107539 * 0.11713) / Math.sqrt(41), 4);
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
