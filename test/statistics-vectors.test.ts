import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../src/base/distributions.ts';
import { createRandom } from '../src/base/random.ts';
import { agreement, fleissKappa } from '../src/evaluation/metric/agreement.ts';
import {
  brierScore,
  expectedCalibrationError,
  logLoss,
  maximumCalibrationError,
  multiclassBrier,
  murphyParts,
} from '../src/evaluation/metric/calibration.ts';
import { classificationSummary } from '../src/evaluation/metric/classification.ts';
import { correctedRate, predictionPoweredMean } from '../src/evaluation/metric/judged-rate.ts';
import { numberErrors } from '../src/evaluation/metric/number-errors.ts';
import { bradleyTerry, eloRatings, ratingOf } from '../src/evaluation/metric/paired-ranking.ts';
import { passAtK } from '../src/evaluation/metric/pass-at-k.ts';
import { bestTemperature, isotonicSteps } from '../src/evaluation/metric/recalibrate.ts';
import {
  accelerationOf,
  bcaFromResamples,
  bcaInterval,
  biasCorrection,
} from '../src/evaluation/statistics/bca.ts';
import { benjaminiHochbergAdjusted } from '../src/evaluation/statistics/benjamini-hochberg.ts';
import { clopperPearsonInterval } from '../src/evaluation/statistics/clopper-pearson.ts';
import {
  bettingSequence,
  empiricalBernsteinSequence,
} from '../src/evaluation/statistics/confidence-sequence.ts';
import { guardrailEvidence, sequentialRates } from '../src/evaluation/statistics/guardrail-evidence.ts';
import { holmAdjusted } from '../src/evaluation/statistics/holm.ts';
import { maxStatisticPValues } from '../src/evaluation/statistics/max-statistic.ts';
import { mcnemarTest } from '../src/evaluation/statistics/mcnemar.ts';
import { mean, standardDeviation } from '../src/evaluation/statistics/mean.ts';
import { newcombeInterval } from '../src/evaluation/statistics/newcombe-independent.ts';
import { newcombePairedInterval, pairedCorrelation } from '../src/evaluation/statistics/newcombe-paired.ts';
import { anytimePValue, pairedEvidence } from '../src/evaluation/statistics/paired-evidence.ts';
import {
  minimumDetectableEffect,
  rowsNeeded,
  rowsNeededUnpaired,
} from '../src/evaluation/statistics/power.ts';
import {
  bernsteinRadius,
  expectedMaximum,
  friedmanTest,
  hoeffdingRadius,
  hoeffdingRows,
  hyperband,
  sequentialHalving,
} from '../src/evaluation/statistics/race-plans.ts';
import { rowsNeededWithTrials, varianceParts } from '../src/evaluation/statistics/repeated-answers.ts';
import { clusteredStandardError } from '../src/evaluation/statistics/score-interval.ts';
import { shrunkTowardsMean } from '../src/evaluation/statistics/shrinkage.ts';
import { signFlipTest } from '../src/evaluation/statistics/sign-flip.ts';
import { signedRankTest } from '../src/evaluation/statistics/signed-rank.ts';
import { tInterval } from '../src/evaluation/statistics/t-interval.ts';
import { wilsonInterval } from '../src/evaluation/statistics/wilson.ts';
import { shrunkMeans } from '../src/optimizer/part/shrunk-mean.ts';

/** Every published figure, to the digits that it is given with. */
function expectAll(actual: readonly number[], expected: readonly number[], digits = 6) {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, digits);
}
const random = () => createRandom(1);

describe('intervals', () => {
  test.each([
    [17, 20, 0.639581, 0.947631],
    [20, 20, 0.838875, 1],
    [0, 20, 0, 0.161125],
    [8, 10, 0.490162, 0.943318],
    [450, 500, 0.870578, 0.923322],
  ])('Wilson, %i of %i', (successes, rows, ...interval) => {
    expectAll(wilsonInterval({ successes, rows }), interval);
  });

  test('Clopper–Pearson, two-sided and one-sided', () => {
    expectAll(clopperPearsonInterval({ successes: 17, rows: 20 }), [0.621073, 0.967929]);
    const upper = (successes: number, rows: number) =>
      clopperPearsonInterval({ successes, rows }, { confidence: 0.9 })[1];
    expectAll([upper(0, 59), upper(3, 100)], [0.049508, 0.075711]);
  });

  test('Newcombe, independent: 38 and 45 of 50', () => {
    expectAll(
      newcombeInterval({ successes: 38, rows: 50 }, { successes: 45, rows: 50 }),
      [-0.009397, 0.285551],
    );
  });

  const first = [1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1];
  const second = [1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1];
  const clustersOf = (values: readonly number[]) =>
    [0, 3, 6, 9].map((start) => ({
      rows: 3,
      sum: values.slice(start, start + 3).reduce((a, b) => a + b, 0),
    }));
  const clustered = (values: readonly number[]) =>
    clusteredStandardError({
      rows: 12,
      mean: mean(values),
      clusters: clustersOf(values),
      alone: { rows: 0, mean: 0, squares: 0 },
    });

  test('a clustered standard error, of one score and of paired differences', () => {
    expectAll([mean(first), standardDeviation(first) / Math.sqrt(12)], [0.583333, 0.148647]);
    const differences = second.map((value, row) => value - (first[row] ?? 0));
    expectAll([mean(differences), standardDeviation(differences) / Math.sqrt(12)], [0.25, 0.179435]);
    // CR1; CR0 is it without the correction for the number of clusters.
    expectAll([clustered(first), clustered(differences)], [0.159571, 0.209718]);
    expectAll(
      [clustered(first) * Math.sqrt(3 / 4), clustered(differences) * Math.sqrt(3 / 4)],
      [0.138193, 0.181621],
    );
  });

  test('BCa over all 3,125 resamples of five values', () => {
    const values = [2, 3, 5, 9, 11];
    const resampled = values.flatMap((a) =>
      values.flatMap((b) =>
        values.flatMap((c) => values.flatMap((d) => values.map((e) => (a + b + c + d + e) / 5))),
      ),
    );
    const sorted = Float64Array.from(resampled).sort();
    expectAll([biasCorrection(sorted, mean(values)), accelerationOf(values) ?? 0], [0.028479, 0.021517]);
    expectAll(bcaFromResamples({ values, resampled }).interval, [3.2, 9.4]);
  });

  test('BCa and t of ten values', () => {
    const values = [0.55, 0.61, 0.42, 0.73, 0.88, 0.39, 0.67, 0.71, 0.58, 0.95];
    expectAll([accelerationOf(values) ?? 0], [0.01025536], 8);
    const [low, high] = bcaInterval(values, { random: random(), resamples: 99_999 }).interval;
    expect(Math.abs(low - 0.549)).toBeLessThan(0.003);
    expect(Math.abs(high - 0.76)).toBeLessThan(0.003);
    const moments = { rows: 10, mean: mean(values), standardDeviation: standardDeviation(values) };
    expectAll(tInterval(moments), [0.520525, 0.777475]);
  });

  test('the variance of repeated answers', () => {
    const parts = varianceParts([
      [1, 1, 0],
      [1, 1, 1],
      [0, 1, 0],
      [0, 0, 0],
    ]);
    expectAll(
      [parts.mean, parts.standardError, parts.within, parts.between],
      [0.5, 0.215166, 0.166667, 0.12963],
    );
  });
});

describe('paired comparison', () => {
  test.each([
    [3, 12, 0.03515625, 0.01757812, 0.02127075],
    [1, 8, 0.0390625, 0.01953125, 0.02148437],
    [20, 35, 0.05806415, 0.02903207, 0.04404655],
    [0, 5, 0.0625, undefined, undefined],
    [0, 6, 0.03125, undefined, undefined],
  ])('McNemar, %i and %i', (onlyBaseline, onlyChallenger, ...expected) => {
    const [pValue = Number.NaN, oneSided, midP] = expected;
    const result = mcnemarTest({ onlyBaseline, onlyChallenger });
    expect(result.pValue).toBeCloseTo(pValue, 7);
    if (oneSided !== undefined) expect(result.oneSided).toBeCloseTo(oneSided, 7);
    if (midP !== undefined) expect(result.midP).toBeCloseTo(midP, 7);
  });

  test('Newcombe, paired', () => {
    const counts = { bothRight: 25, onlyBaseline: 3, onlyChallenger: 12, bothWrong: 10 };
    expectAll(newcombePairedInterval(counts), [0.029112, 0.31921]);
    expectAll([pairedCorrelation(counts)], [0.347215]);
  });

  const differences = [0.2, 0.1, -0.1, 0.3, 0, 0.4, 0.25, -0.05];

  test('sign flips, exact', () => {
    expect(signFlipTest(differences, { random: random() })).toEqual({
      pValue: 0.09375,
      oneSided: 0.046875,
      exact: true,
    });
  });

  test('Wilcoxon’s signed ranks with zeros split', () => {
    const { statistic, oneSided } = signedRankTest(differences);
    expectAll([statistic, oneSided], [30, 0.0546875], 7);
  });
});

describe('power', () => {
  test.each([
    [50, 0.1224, 0.173, 0.2119],
    [100, 0.0876, 0.1238, 0.1516],
    [200, 0.0623, 0.0881, 0.1079],
    [500, 0.0395, 0.0559, 0.0685],
    [1000, 0.028, 0.0396, 0.0485],
  ])('the smallest difference that %i rows find', (rows, ...effects) => {
    const found = [0.1, 0.2, 0.3].map((discordantRate) => minimumDetectableEffect(rows, { discordantRate }));
    expectAll(found, effects, 4);
  });

  test.each([
    [0.2, 0.05, 626],
    [0.2, 0.1, 155],
    [0.1, 0.03, 870],
    [0.3, 0.05, 940],
  ])('rows where %d of them differ, for %d: %i', (discordantRate, difference, rows) => {
    expect(Math.ceil(rowsNeeded(difference, { discordantRate }))).toBe(rows);
  });

  test('rows of two unpaired samples, and with several answers a row', () => {
    expect(rowsNeeded(0.05, { discordantRate: 0.2 })).toBeCloseTo(625.55, 2);
    expect(rowsNeededUnpaired(0.8, 0.85)).toBeCloseTo(905.4, 1);
    const quantiles = normalQuantile(0.975) + normalQuantile(0.8);
    const rows = (trials: number, within: number) =>
      rowsNeededWithTrials({ difference: 0.03, between: 1 / 9, within: [within, within], trials, quantiles });
    expectAll([rows(1, 0), rows(1, 1 / 6), rows(10, 1 / 6)], [969, 3876, 1259.7], 1);
  });
});

describe('many candidates', () => {
  test('Holm, and Benjamini and Hochberg', () => {
    const pValues = [0.001, 0.012, 0.014, 0.04, 0.2];
    expectAll(holmAdjusted(pValues), [0.005, 0.048, 0.048, 0.08, 0.2]);
    expectAll(benjaminiHochbergAdjusted(pValues), [0.005, 0.023333, 0.023333, 0.05, 0.2]);
    expectAll(
      pValues.map((pValue) => Math.min(1, pValue * pValues.length)),
      [0.005, 0.06, 0.07, 0.2, 1],
    );
  });

  test('the maximum of several means over joint sign flips', () => {
    const first = [1, 1, 0, 1, 1, 0, 1, -1];
    const second = [1, 0, 0, 1, 0, 1, -1, 0];
    expectAll(maxStatisticPValues([first, second], { random: random() }), [0.164062, 0.523438]);
    expectAll(maxStatisticPValues([first], { random: random() }), [0.109375]);
  });

  test.each([
    [2, 0.5642, 0.0319, 0.0226],
    [5, 1.163, 0.0658, 0.0465],
    [10, 1.5388, 0.087, 0.0616],
    [20, 1.8675, 0.1056, 0.0747],
    [50, 2.2491, 0.1272, 0.09],
    [100, 2.5076, 0.1419, 0.1003],
  ])('the best of %i equal candidates looks better than it is', (candidates, ...inflation) => {
    const found = expectedMaximum(candidates);
    const error = (rows: number) => Math.sqrt((0.8 * 0.2) / rows);
    expectAll([found, found * error(50), found * error(100)], inflation, 4);
  });

  test('means drawn towards their common mean', () => {
    const accuracies = [0.72, 0.78, 0.7, 0.81, 0.75];
    const errors = accuracies.map((accuracy) => (accuracy * (1 - accuracy)) / 100);
    const { means: shrunk, between } = shrunkTowardsMean(
      accuracies.map((accuracy, index) => ({ mean: accuracy, squaredError: errors[index] ?? 0 })),
    );
    expectAll([between], [0.000121]);
    expectAll(shrunk, [0.750191, 0.753841, 0.749171, 0.756221, 0.751879]);
    // Searches pool the variance of single values instead, so that few equal values do not look certain.
    const pooled = shrunkMeans(
      accuracies.map((accuracy) => ({
        mean: accuracy,
        variance: (accuracy * (1 - accuracy) * 100) / 99,
        count: 100,
      })),
    );
    for (const [index, value] of pooled.entries())
      expect(Math.abs(value - (shrunk[index] ?? 0))).toBeLessThan(0.002);
  });
});

describe('looked at while it runs', () => {
  test.each([
    [12, 3, 4.501099, 8.906456],
    [20, 5, 24.290515, 48.520452],
    [8, 1, 5.688889, 11.255556],
    [35, 20, 1.273909, 2.491706],
  ])('evidence of %i wins and %i losses', (onlyChallenger, onlyBaseline, ...expected) => {
    const evidence = pairedEvidence({ onlyBaseline, onlyChallenger });
    expectAll([evidence.twoSided, evidence.challengerBetter], expected);
  });

  test('one-sided evidence, straight wins, and the p of any look', () => {
    const better = (onlyChallenger: number, onlyBaseline: number) =>
      pairedEvidence({ onlyBaseline, onlyChallenger }).challengerBetter;
    expectAll([better(3, 12), better(6, 0), better(7, 0)], [0.095742, 18.142857, 31.875]);
    expect(anytimePValue(31.875)).toBeLessThan(0.05);
    expect(anytimePValue(0.5)).toBe(1);
  });

  const outcomes = [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1];
  const intervalOf = (sequence: ReturnType<typeof bettingSequence>, repeats: number) => {
    for (let repeat = 0; repeat < repeats; repeat += 1) for (const outcome of outcomes) sequence.add(outcome);
    return sequence.interval;
  };

  test('the empirical Bernstein sequence', () => {
    expectAll(intervalOf(empiricalBernsteinSequence(), 1), [0.356394, 1]);
    expectAll(intervalOf(empiricalBernsteinSequence(), 5), [0.65831, 0.938997]);
    expectAll(wilsonInterval({ successes: 80, rows: 100 }), [0.711171, 0.866633]);
  });

  test('the betting sequence', () => {
    const once = intervalOf(bettingSequence({ grid: 20_000 }), 1);
    const fiveTimes = intervalOf(bettingSequence({ grid: 20_000 }), 5);
    for (const [index, value] of [0.4979, 0.98335].entries())
      expect(Math.abs((once[index] ?? 0) - value)).toBeLessThan(2e-4);
    for (const [index, value] of [0.66815, 0.9065].entries())
      expect(Math.abs((fiveTimes[index] ?? 0) - value)).toBeLessThan(2e-4);
  });

  test('a guardrail', () => {
    const differences = [0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1];
    const at = (bet: number | undefined, looks: readonly number[]) => {
      const evidence = guardrailEvidence({ margin: 0.05, bet });
      const seen: number[] = [];
      for (const [index, difference] of differences.entries()) {
        evidence.add(difference);
        if (looks.includes(index + 1)) seen.push(evidence.evidence);
      }
      return seen;
    };
    expectAll(at(undefined, [4, 8, 12, 16]), [0.9762, 2.9195, 5.8687, 17.5516], 4);
    expectAll(at(0.3, [16]), [8.593731]);
  });

  test('Wald’s test of two rates', () => {
    const { onFailure, onPass, upper, lower } = sequentialRates({ fine: 0.02, bad: 0.05 });
    expectAll([onFailure, onPass, upper, lower], [0.916291, -0.031091, 2.772589, -1.558145]);
  });
});

describe('races', () => {
  const shown = (plan: readonly { readonly candidates: number; readonly rows: number }[]) =>
    plan.map(({ candidates, rows }) => `${candidates}@${rows}`).join(' ');

  test('sequential halving', () => {
    expect(shown(sequentialHalving(16, 1280))).toBe('16@20 8@40 4@80 2@160');
    expect(shown(sequentialHalving(10, 1000))).toBe('10@25 5@50 3@83 2@125');
    const used = sequentialHalving(10, 1000).reduce(
      (sum, { candidates, rows }) => sum + candidates * rows,
      0,
    );
    expect(used).toBe(999);
  });

  test('Hyperband', () => {
    expect(hyperband({ rows: 81 }).map(shown)).toEqual([
      '81@1 27@3 9@9 3@27 1@81',
      '34@3 11@9 3@27 1@81',
      '15@9 5@27 1@81',
      '8@27 2@81',
      '5@81',
    ]);
    expect(hyperband({ rows: 80, leastRows: 10, eta: 2 }).map(shown)).toEqual([
      '8@10 4@20 2@40 1@80',
      '6@20 3@40 1@80',
      '4@40 2@80',
      '4@80',
    ]);
  });

  test('Friedman', () => {
    const result = friedmanTest([
      [0.9, 0.8, 0.7],
      [0.6, 0.7, 0.5],
      [0.8, 0.6, 0.6],
      [0.7, 0.5, 0.4],
      [0.9, 0.9, 0.6],
      [0.5, 0.4, 0.3],
    ]);
    expectAll([result.statistic, result.pValue, result.criticalDifference], [9.363636, 0.009262, 3.794384]);
    expectAll(result.rankSums, [7.5, 11, 17.5]);
  });

  test('Hoeffding and Bernstein', () => {
    const plan = { candidates: 20, mostRows: 200, error: 0.05 };
    expect([0.05, 0.1, 0.2, 0.3, 0.5].map((gap) => hoeffdingRows(gap, plan))).toEqual([
      9587, 2397, 600, 267, 96,
    ]);
    expectAll([hoeffdingRadius(100, { candidates: 1, mostRows: 1, error: 0.05 })], [0.13581]);
    expectAll([bernsteinRadius(100, { variance: 0.16, error: 0.05 })], [0.237294]);
  });
});

describe('metrics', () => {
  const confidences = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.52];
  const right = [1, 1, 1, 0, 1, 1, 0, 1, 0, 1];
  const forecasts = confidences.map((confidence, row) => ({ confidence, right: right[row] === 1 }));

  test('calibration', () => {
    const width = (bins: number) => ({ bins, by: 'width' }) as const;
    const count = (bins: number) => ({ bins, by: 'count' }) as const;
    expectAll(
      [
        expectedCalibrationError(forecasts, width(5)),
        maximumCalibrationError(forecasts, width(5)),
        expectedCalibrationError(forecasts, width(10)),
        maximumCalibrationError(forecasts, width(10)),
        expectedCalibrationError(forecasts, count(5)),
        expectedCalibrationError(forecasts, count(2)),
        brierScore(forecasts),
        logLoss(forecasts),
      ],
      [0.153, 0.225, 0.153, 0.275, 0.167, 0.027, 0.19429, 0.558605],
    );
    const { reliability, resolution, uncertainty } = murphyParts(forecasts, width(5));
    expectAll([reliability, resolution, uncertainty], [0.02688, 0.043333, 0.21]);
    expect(multiclassBrier({ a: 0.7, b: 0.2, c: 0.1 }, 'a')).toBeCloseTo(0.14, 12);
  });

  test('recalibration', () => {
    expectAll(isotonicSteps([0, 1, 0, 1, 1, 1]), [0, 0.5, 0.5, 1, 1, 1]);
    const logits = [2, 1.5, 1.2, 0.8, -0.3, 0.5, 2.5, -1];
    const came = [1, 1, 0, 1, 0, 0, 1, 0];
    const { temperature, loss } = bestTemperature(
      logits.map((logit, row) => ({ logit, right: came[row] === 1 })),
    );
    expect(Math.abs(temperature - 0.9409)).toBeLessThan(1e-3);
    expectAll([loss], [0.509976]);
  });

  test('classification', () => {
    const expected = [...'aaaabbbccd'];
    const actual = [...'aaabbbaccb'];
    const summary = classificationSummary(
      expected.map((label, row) => ({ expected: label, actual: actual[row] })),
    );
    expectAll(
      summary.classes.map(({ f1 }) => f1),
      [0.75, 0.571429, 1, 0],
    );
    expectAll(
      [summary.macroF1, summary.microF1, summary.weightedF1, summary.balancedAccuracy, summary.matthews],
      [0.580357, 0.7, 0.671429, 0.604167, 0.567734],
    );
  });

  test('numbers, and one of several answers', () => {
    const expected = [3, 5, 2.5, 7];
    const actual = [2.5, 5, 4, 8];
    const errors = numberErrors(expected.map((value, row) => ({ expected: value, actual: actual[row] })));
    expectAll([errors.meanAbsolute ?? 0, errors.rootMeanSquare ?? 0], [0.75, 0.935414]);
    expectAll([passAtK(10, 3, 1) ?? 0, passAtK(10, 3, 5) ?? 0], [0.3, 0.916667]);
  });
});

describe('judges', () => {
  test('agreement beyond chance', () => {
    const one = [1, 1, 1, 0, 0, 1, 0, 1, 0, 0].map(String);
    const two = [1, 1, 0, 0, 0, 1, 1, 1, 0, 0].map(String);
    const { kappa, standardError, ac1 } = agreement(one, two);
    expectAll([kappa, standardError, ac1], [0.6, 0.252982, 0.6]);
    const grades = [1, 2, 3, 4, 5, 3, 2, 4].map(String);
    const others = [1, 3, 3, 5, 5, 2, 2, 3].map(String);
    const labels = ['1', '2', '3', '4', '5'];
    expectAll(
      (['none', 'linear', 'quadratic'] as const).map(
        (weights) => agreement(grades, others, { weights, labels }).kappa,
      ),
      [0.372549, 0.652174, 0.846154],
    );
    const counted = [
      [45, 'a', 'a'],
      [3, 'a', 'b'],
      [2, 'b', 'a'],
    ] as const;
    const rater = (side: 1 | 2) =>
      counted.flatMap((cell) => Array.from({ length: cell[0] }, () => cell[side]));
    const paradox = agreement(rater(1), rater(2));
    expectAll([paradox.kappa, paradox.observed], [-0.05042, 0.9]);
    expectAll(
      [
        fleissKappa([
          [3, 0],
          [2, 1],
          [0, 3],
          [1, 2],
          [3, 0],
        ]),
      ],
      [0.444444],
    );
  });

  test('the rate behind a judged one', () => {
    expectAll([correctedRate(0.7, { sensitivity: 0.9, specificity: 0.8 }) ?? 0], [0.714286]);
    const { mean: estimate, standardError } = predictionPoweredMean({
      labels: [1, 0, 1, 1, 0, 1],
      judged: [1, 0, 1, 0, 0, 1],
      unlabelled: [1, 1, 0, 1, 0, 1, 1, 0, 1, 1],
    });
    expectAll([estimate, standardError], [0.866667, 0.226078]);
  });

  test('strengths and ratings from pairs', () => {
    const strengths = bradleyTerry([
      [0, 7, 8],
      [3, 0, 6],
      [2, 4, 0],
    ]);
    expectAll(strengths, [2.09713, 0.861481, 0.553514]);
    expectAll(strengths.map(ratingOf), [1128.65, 974.098, 897.252], 3);
    const [one = 0, two = 0] = strengths;
    expectAll([one / (one + two)], [0.708823]);
    const ratings = eloRatings(
      [
        { first: 0, second: 1, result: 1 },
        { first: 1, second: 2, result: 1 },
        { first: 0, second: 2, result: 0.5 },
        { first: 2, second: 0, result: 1 },
      ],
      { players: 3 },
    );
    expectAll(ratings, [997.1311, 1000.7363, 1002.1326], 4);
  });
});
