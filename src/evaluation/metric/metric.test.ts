import { describe, expect, test } from 'vitest';
import { agreement } from './agreement.ts';
import { expectedCalibrationError, reliabilityTable } from './calibration.ts';
import { classificationSummary } from './classification.ts';
import { correctedRate, predictionPoweredMean } from './judged-rate.ts';
import { numberErrors } from './number-errors.ts';
import { bradleyTerry } from './paired-ranking.ts';
import { passAtK } from './pass-at-k.ts';

describe('classification', () => {
  test('an answer without a label counts against the class that was expected, and for none', () => {
    const summary = classificationSummary([
      { expected: 'a', actual: 'a' },
      { expected: 'a', actual: undefined },
    ]);
    expect(summary).toMatchObject({ rows: 2, accuracy: 0.5, unread: 1, microF1: 2 / 3 });
    expect(summary.classes).toMatchObject([{ label: 'a', precision: 1, recall: 0.5 }]);
    expect(summary.confusion).toEqual([
      { expected: 'a', rows: 1 },
      { expected: 'a', actual: 'a', rows: 1 },
    ]);
  });

  test('trials weigh less, a label that only answers have is a class, and names are never joined', () => {
    const summary = classificationSummary([
      { expected: 'a', actual: 'a', weight: 0.5 },
      { expected: 'a', actual: 'x","y', weight: 0.5 },
      { expected: '__proto__', actual: '__proto__' },
    ]);
    expect(summary).toMatchObject({ rows: 2, accuracy: 0.75 });
    expect(summary.classes.map(({ label }) => label).sort()).toEqual(['__proto__', 'a', 'x","y']);
  });

  test('no row at all has figures of 0, never NaN', () => {
    expect(Object.values(classificationSummary([])).flat().some(Number.isNaN)).toBe(false);
  });
});

describe('calibration', () => {
  test('a confidence on an edge is in the bin below, and 0 in the first', () => {
    const bins = reliabilityTable([0, 0.1, 0.3, 0.7, 1].map((confidence) => ({ confidence, right: true })));
    expect(bins.map(({ low }) => low)).toEqual([0, 0.2, 0.6, 0.9]);
  });

  test('sure and right is calibrated; sure and wrong is as far off as it goes; nothing is refused', () => {
    expect(expectedCalibrationError([{ confidence: 1, right: true }])).toBe(0);
    expect(expectedCalibrationError([{ confidence: 1, right: false }])).toBe(1);
    expect(() => expectedCalibrationError([])).toThrow(
      expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }),
    );
  });

  test('fewer rows than bins of equal count leave bins empty', () => {
    const table = reliabilityTable([{ confidence: 0.5, right: true }], { bins: 10, by: 'count' });
    expect(table.reduce((sum, { rows }) => sum + rows, 0)).toBe(1);
  });
});

describe('agreement', () => {
  test('of raters who only ever say one thing is full, without an error; of one row it has an interval', () => {
    expect(agreement(['a', 'a'], ['a', 'a'])).toMatchObject({
      kappa: 1,
      observed: 1,
      ac1: 1,
      standardError: 0,
    });
    const single = agreement(['a'], ['b']);
    expect(single.interval.every(Number.isFinite)).toBe(true);
  });

  test('needs the same rows of both, and labels that are named', () => {
    expect(() => agreement(['a'], [])).toThrow('other 0');
    expect(() => agreement(['a'], ['c'], { labels: ['a', 'b'] })).toThrow('none of the labels');
    expect(() => agreement([], [])).toThrow(expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }));
  });
});

test('numbers that cannot be read are counted apart and never an error of 0', () => {
  expect(numberErrors([{ expected: 3, actual: undefined }])).toEqual({ rows: 0, unread: 1 });
  expect(
    numberErrors([
      { expected: 3, actual: 1 },
      { expected: 3, actual: undefined },
    ]),
  ).toMatchObject({
    rows: 1,
    unread: 1,
    meanAbsolute: 2,
    bias: -2,
  });
});

test('pass@k needs k answers, and is 1 when fewer than k are wrong', () => {
  expect(passAtK(2, 1, 3)).toBeUndefined();
  expect(passAtK(2, 1, 0)).toBeUndefined();
  expect(passAtK(3, 2, 2)).toBe(1);
  expect(passAtK(3, 0, 3)).toBe(0);
});

test('a judge that tells no more than chance corrects nothing, and labels alone are too few', () => {
  expect(correctedRate(0.5, { sensitivity: 0.5, specificity: 0.5 })).toBeUndefined();
  expect(correctedRate(0, { sensitivity: 0.9, specificity: 0.8 })).toBe(0);
  expect(() => predictionPoweredMean({ labels: [1, 0], judged: [1, 0], unlabelled: [1] })).toThrow(
    expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }),
  );
});

test('one who never lost has no finite strength without a prior', () => {
  const wins = [
    [0, 3],
    [0, 0],
  ];
  expect(() => bradleyTerry(wins)).toThrow('no bound');
  const [strong = 0, weak = 0] = bradleyTerry(wins, { prior: 0.5 });
  expect(strong).toBeGreaterThan(weak);
  expect(strong * weak).toBeCloseTo(1, 9);
});
