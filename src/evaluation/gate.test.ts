import { describe, expect, test } from 'vitest';
import { judgeDifference, judgeThreshold, overallResult } from './gate.ts';

describe('a gate', () => {
  test.each([
    ['no-regression', [-0.2, -0.01], 'fail'],
    // A loss that is shown fails even where it is smaller than the margin.
    ['no-regression', [-0.04, -0.01], 'fail'],
    ['no-regression', [-0.04, 0], 'pass'],
    ['no-regression', [-0.049, 0.03], 'pass'],
    ['no-regression', [-0.05, 0.03], 'inconclusive'],
    ['no-regression', [-0.2, 0.1], 'inconclusive'],
    ['no-regression', [0.1, 0.2], 'pass'],
    ['non-inferior', [-0.04, -0.01], 'pass'],
    ['non-inferior', [-0.05, 0.2], 'inconclusive'],
    ['non-inferior', [-0.2, -0.051], 'fail'],
    ['non-inferior', [-0.2, -0.05], 'inconclusive'],
    ['improvement', [0.001, 0.2], 'pass'],
    ['improvement', [0, 0.2], 'inconclusive'],
    ['improvement', [-0.1, 0.2], 'inconclusive'],
    ['improvement', [-0.1, 0], 'fail'],
  ] as const)('%s with %j is %s', (rule, interval, result) => {
    expect(judgeDifference(rule, interval)).toBe(result);
  });

  test('has the margin that it is given', () => {
    expect(judgeDifference('no-regression', [-0.02, 0.1], { margin: 0.01 })).toBe('inconclusive');
    expect(judgeDifference('non-inferior', [-0.08, 0.1], { margin: 0.1 })).toBe('pass');
  });

  test.each([
    [0.8, [0.8, 0.9], 'pass'],
    [0.8, [0.7, 0.8], 'inconclusive'],
    [0.8, [0.7, 0.79], 'fail'],
  ] as const)('threshold %d with %j is %s', (threshold, interval, result) => {
    expect(judgeThreshold(threshold, interval)).toBe(result);
  });

  test('fails by one failure and is open by one open question', () => {
    expect(overallResult(['pass', 'inconclusive', 'fail'])).toBe('fail');
    expect(overallResult(['pass', 'inconclusive'])).toBe('inconclusive');
    expect(overallResult(['pass'])).toBe('pass');
  });
});
