import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { mcnemarTest } from './mcnemar.ts';
import { signFlipTest } from './sign-flip.ts';

describe('McNemar', () => {
  test.each([
    { onlyBaseline: 3, onlyChallenger: 12, pValue: 0.03515625, oneSided: 0.01757812, midP: 0.02127075 },
    { onlyBaseline: 1, onlyChallenger: 8, pValue: 0.0390625, oneSided: 0.01953125, midP: 0.02148437 },
    { onlyBaseline: 20, onlyChallenger: 35, pValue: 0.05806415, oneSided: 0.02903207, midP: 0.04404655 },
    { onlyBaseline: 0, onlyChallenger: 5, pValue: 0.0625, oneSided: 0.03125, midP: 0.03125 },
    { onlyBaseline: 0, onlyChallenger: 6, pValue: 0.03125, oneSided: 0.015625, midP: 0.015625 },
    { onlyBaseline: 12, onlyChallenger: 3, pValue: 0.03515625, oneSided: 0.99630737, midP: 0.02127075 },
    { onlyBaseline: 5, onlyChallenger: 5, pValue: 1, oneSided: 0.62304688, midP: 1 },
    { onlyBaseline: 0, onlyChallenger: 0, pValue: 1, oneSided: 1, midP: 1 },
  ])('$onlyBaseline against $onlyChallenger: p = $pValue', ({ pValue, oneSided, midP, ...pairs }) => {
    const result = mcnemarTest(pairs);
    expect(result.pValue).toBeCloseTo(pValue, 7);
    expect(result.oneSided).toBeCloseTo(oneSided, 7);
    expect(result.midP).toBeCloseTo(midP, 7);
  });

  test('half a million differing pairs still have a p', () => {
    const { pValue } = mcnemarTest({ onlyBaseline: 249_000, onlyChallenger: 251_000 });
    expect(pValue).toBeCloseTo(2 * 0.00234919750594372, 9);
  });
});

describe('sign flips', () => {
  const differences = [0.2, 0.1, -0.1, 0.3, 0, 0.4, 0.25, -0.05];

  test('are all counted for few differences: p = 0.09375, one-sided 0.046875', () => {
    expect(signFlipTest(differences, { random: createRandom(1) })).toEqual({
      pValue: 0.09375,
      oneSided: 0.046875,
      exact: true,
    });
  });

  test('are counted for 16 non-zero differences and drawn for 17', () => {
    const zeros = Array.from({ length: 50 }, () => 0);
    const test = (count: number) =>
      signFlipTest([...zeros, ...Array.from({ length: count }, () => 0.5)], { random: createRandom(1) });
    expect(test(16)).toEqual({ pValue: 2 / 2 ** 16, oneSided: 1 / 2 ** 16, exact: true });
    expect(test(17).exact).toBe(false);
  });

  test('when drawn never give less than 1 in resamples + 1', () => {
    const ones = Array.from({ length: 60 }, () => 1);
    const result = signFlipTest(ones, { random: createRandom(1), resamples: 999 });
    expect(result).toEqual({ pValue: 1 / 1000, oneSided: 1 / 1000, exact: false });
  });

  test('when drawn come close to the exact p of pass/fail differences', () => {
    const pairs = [...Array.from({ length: 35 }, () => 1), ...Array.from({ length: 20 }, () => -1)];
    const { pValue } = signFlipTest(pairs, { random: createRandom(5), resamples: 100_000 });
    expect(Math.abs(pValue - 0.05806415)).toBeLessThan(0.003);
  });

  test('of the same seed are the same', () => {
    const many = Array.from({ length: 40 }, (_, index) => Math.sin(index) + 0.2);
    const once = (seed: number) => signFlipTest(many, { random: createRandom(seed) }).pValue;
    expect(once(1)).toBe(once(1));
    expect(Math.abs(once(1) - once(2))).toBeLessThan(0.02);
  });

  test('of no difference at all prove nothing', () => {
    expect(signFlipTest([0, 0, 0], { random: createRandom(1) }).pValue).toBe(1);
  });

  test('of an empty sample are refused', () => {
    expect(() => signFlipTest([], { random: createRandom(1) })).toThrow(
      expect.objectContaining({ code: 'HONE_EMPTY_SAMPLE' }),
    );
  });
});
