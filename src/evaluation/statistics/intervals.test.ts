import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { accelerationOf, bcaFromResamples, bcaInterval, biasCorrection } from './bca.ts';
import { clopperPearsonInterval } from './clopper-pearson.ts';
import { mean, standardDeviation } from './mean.ts';
import { newcombePairedInterval, pairedCorrelation } from './newcombe-paired.ts';
import { normalInterval } from './normal-interval.ts';
import { quantileOfSorted } from './quantile.ts';
import { tInterval } from './t-interval.ts';
import { wilsonInterval } from './wilson.ts';

/** Equal to so many decimals as the published vectors give. */
function expectInterval(actual: readonly [number, number], expected: readonly [number, number], digits = 6) {
  expect(actual[0]).toBeCloseTo(expected[0], digits);
  expect(actual[1]).toBeCloseTo(expected[1], digits);
}

describe('Wilson', () => {
  test.each([
    { successes: 17, rows: 20, interval: [0.639581, 0.947631] as const },
    { successes: 20, rows: 20, interval: [0.838875, 1] as const },
    { successes: 0, rows: 20, interval: [0, 0.161125] as const },
    { successes: 8, rows: 10, interval: [0.490162, 0.943318] as const },
    { successes: 450, rows: 500, interval: [0.870578, 0.923322] as const },
  ])('$successes of $rows: $interval', ({ successes, rows, interval }) => {
    expectInterval(wilsonInterval({ successes, rows }), interval);
  });

  test('a higher confidence is wider', () => {
    const [low, high] = wilsonInterval({ successes: 17, rows: 20 }, { confidence: 0.99 });
    expect(low).toBeLessThan(0.639581);
    expect(high).toBeGreaterThan(0.947631);
  });
});

describe('Clopper–Pearson', () => {
  test('17 of 20: 0.621073 to 0.967929', () => {
    expectInterval(clopperPearsonInterval({ successes: 17, rows: 20 }), [0.621073, 0.967929]);
  });

  test.each([
    { successes: 0, rows: 59, upper: 0.049508 },
    { successes: 3, rows: 100, upper: 0.075711 },
  ])('$successes of $rows: one-sided 95 % bound $upper', ({ successes, rows, upper }) => {
    expect(clopperPearsonInterval({ successes, rows }, { confidence: 0.9 })[1]).toBeCloseTo(upper, 6);
  });

  test('none of any starts at 0 and all of any ends at 1', () => {
    expect(clopperPearsonInterval({ successes: 0, rows: 5 })[0]).toBe(0);
    expect(clopperPearsonInterval({ successes: 5, rows: 5 })[1]).toBe(1);
  });
});

describe('paired Newcombe', () => {
  const counts = { bothRight: 25, onlyBaseline: 3, onlyChallenger: 12, bothWrong: 10 };

  test('25, 3, 12, 10: 0.029112 to 0.319210 with φ 0.347215', () => {
    expectInterval(newcombePairedInterval(counts), [0.029112, 0.31921]);
    expect(pairedCorrelation(counts)).toBeCloseTo(0.347215, 6);
  });

  test('the other way round is its mirror', () => {
    const [low, high] = newcombePairedInterval({ ...counts, onlyBaseline: 12, onlyChallenger: 3 });
    expectInterval([low, high], [-0.31921, -0.029112]);
  });

  test('without any spread φ is 0 and the interval finite', () => {
    const same = { bothRight: 8, onlyBaseline: 0, onlyChallenger: 0, bothWrong: 0 };
    expect(pairedCorrelation(same)).toBe(0);
    const [low, high] = newcombePairedInterval(same);
    expect(low).toBeGreaterThan(-0.5);
    expect(high).toBeLessThan(0.5);
  });

  test('a small positive association counts as none', () => {
    expect(pairedCorrelation({ bothRight: 3, onlyBaseline: 2, onlyChallenger: 2, bothWrong: 2 })).toBe(0);
  });
});

describe('BCa', () => {
  const few = [2, 3, 5, 9, 11];

  test('all 3,125 resamples of five values: the published correction and interval, without any draw', () => {
    const resampled = Array.from({ length: 3125 }, (_, index) =>
      mean([1, 5, 25, 125, 625].map((step) => few[Math.floor(index / step) % 5] ?? 0)),
    );
    expect(biasCorrection(resampled, 6)).toBeCloseTo(0.028479, 6);
    expect(accelerationOf(few)).toBeCloseTo(0.021517, 6);
    const { interval, method } = bcaFromResamples({ values: few, resampled });
    expectInterval(interval, [3.2, 9.4], 9);
    expect(method).toBe('bca');
    const sorted = resampled.sort((a, b) => a - b);
    expectInterval([quantileOfSorted(sorted, 0.025), quantileOfSorted(sorted, 0.975)], [3, 9], 9);
  });

  const scores = [0.55, 0.61, 0.42, 0.73, 0.88, 0.39, 0.67, 0.71, 0.58, 0.95];

  test('99,999 drawn resamples of ten scores: 0.549 to 0.760', () => {
    expect(accelerationOf(scores)).toBeCloseTo(0.01025536, 8);
    const { interval } = bcaInterval(scores, { random: createRandom(3), resamples: 99_999 });
    expect(Math.abs(interval[0] - 0.549)).toBeLessThan(0.003);
    expect(Math.abs(interval[1] - 0.76)).toBeLessThan(0.003);
  });

  test('the same seed gives the same interval', () => {
    const once = () => bcaInterval(scores, { random: createRandom(3) });
    expect(once()).toEqual(once());
  });

  test.each([
    { values: [0.4, 0.4, 0.4, 0.4, 0.4, 0.4], low: 0.4, high: 0.4 },
    { values: [0.4], low: 0.4, high: 0.4 },
  ])('equal values fall back to percentiles and say so: $values', ({ values, low, high }) => {
    const { interval, method } = bcaInterval(values, { random: createRandom(1) });
    expect(method).toBe('percentile');
    expectInterval(interval, [low, high], 12);
  });

  test('resamples all on one side fall back to percentiles and say so', () => {
    expect(bcaFromResamples({ values: few, resampled: [7, 8, 9] }).method).toBe('percentile');
  });
});

test("Student's interval of ten scores: 0.520525 to 0.777475", () => {
  const scores = [0.55, 0.61, 0.42, 0.73, 0.88, 0.39, 0.67, 0.71, 0.58, 0.95];
  const moments = { rows: 10, mean: mean(scores), standardDeviation: standardDeviation(scores) };
  expectInterval(tInterval(moments), [0.520525, 0.777475]);
});

test('an estimate with a standard error is ± 1.96 of it', () => {
  expectInterval(normalInterval({ estimate: 0.5, standardError: 0.1 }), [0.3040036, 0.6959964]);
});

test.each([
  { p: 0, value: 1 },
  { p: 0.5, value: 2.5 },
  { p: 0.95, value: 3.85 },
  { p: 1, value: 4 },
  { p: 2, value: 4 },
])('the type 7 quantile $p of 1, 2, 3, 4 is $value', ({ p, value }) => {
  expect(quantileOfSorted([1, 2, 3, 4], p)).toBeCloseTo(value, 12);
});

test('the standard deviation of one value is 0, of two its n − 1 form', () => {
  expect(standardDeviation([0.7])).toBe(0);
  expect(standardDeviation([0, 1])).toBeCloseTo(Math.SQRT1_2, 12);
});

test.each([
  ['mean', () => mean([])],
  ['standard deviation', () => standardDeviation([])],
  ['quantile', () => quantileOfSorted([], 0.5)],
  ['Wilson', () => wilsonInterval({ successes: 0, rows: 0 })],
  ['Clopper–Pearson', () => clopperPearsonInterval({ successes: 0, rows: 0 })],
  ['t', () => tInterval({ rows: 1, mean: 1, standardDeviation: 0 })],
  ['BCa', () => bcaInterval([], { random: createRandom(1) })],
  [
    'Newcombe',
    () => newcombePairedInterval({ bothRight: 0, onlyBaseline: 0, onlyChallenger: 0, bothWrong: 0 }),
  ],
])('%s of an empty sample is refused', (_, statistic) => {
  expect(statistic).toThrow(expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }));
});
