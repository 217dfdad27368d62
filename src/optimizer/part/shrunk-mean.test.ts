import { describe, expect, test } from 'vitest';
import { shrunkMeans } from './shrunk-mean.ts';

describe('shrunk means', () => {
  test('follow the formula on equal counts: τ² 0.000121 among five accuracies of 100 rows', () => {
    const means = [0.72, 0.78, 0.7, 0.81, 0.75];
    const variance = means.reduce((sum, mean) => sum + mean * (1 - mean), 0) / means.length;
    const shrunk = shrunkMeans(means.map((mean) => ({ mean, variance, count: 100 })));
    const error = variance / 100;
    const spread = 0.00197;
    const pull = error / (error + (spread - error));
    expect(shrunk[0]).toBeCloseTo(0.752 + (1 - pull) * (0.72 - 0.752), 10);
    expect([...shrunk].sort()).toEqual(
      [...shrunk.keys()].sort((a, b) => (means[a] ?? 0) - (means[b] ?? 0)).map((at) => shrunk[at]),
    );
  });

  test('a perfect mean of two rows does not pass a good one of sixty', () => {
    const [lucky = 0, good = 0] = shrunkMeans([
      { mean: 1, variance: 0, count: 2 },
      { mean: 0.9, variance: 0.09, count: 60 },
      { mean: 0.4, variance: 0.24, count: 60 },
      { mean: 0.45, variance: 0.25, count: 60 },
    ]);
    expect(lucky).toBeLessThan(good);
  });

  test('one value each says nothing: all are their common mean', () => {
    expect(
      shrunkMeans([
        { mean: 1, variance: undefined, count: 1 },
        { mean: 0.5, variance: undefined, count: 1 },
      ]),
    ).toEqual([0.75, 0.75]);
  });

  test('one alone, and none, are left as they are', () => {
    expect(shrunkMeans([{ mean: 0.3, variance: undefined, count: 1 }])).toEqual([0.3]);
    expect(shrunkMeans([])).toEqual([]);
  });
});
