import { expect, test } from 'vitest';
import {
  betaQuantile,
  binomialCdf,
  binomialPmf,
  chiSquareCdf,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './distributions.ts';

/** Expected values to 15 digits from 40-digit arithmetic. */
function expectRelative(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(tolerance);
}

test.each([
  { p: 0.975, z: 1.95996398454005 },
  { p: 0.8, z: 0.841621233572914 },
  { p: 0.00001, z: -4.26489079392282 },
])('the normal quantile of $p is $z', ({ p, z }) => {
  expectRelative(normalQuantile(p), z, 1e-12);
  expectRelative(normalCdf(z), p, 1e-9);
});

test('the normal quantile is infinite at 0 and 1, and 0 at a half', () => {
  expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
});

test.each([
  { successes: 3, trials: 15, chance: 0.5, cdf: 0.017578125 },
  { successes: 20, trials: 55, chance: 0.5, cdf: 0.0290320733962045 },
  { successes: 12, trials: 15, chance: 0.5, cdf: 0.996307373046875 },
  { successes: 0, trials: 5, chance: 0.5, cdf: 0.03125 },
  { successes: 480, trials: 1000, chance: 0.5, cdf: 0.10872414660207 },
  { successes: 249_000, trials: 500_000, chance: 0.5, cdf: 0.00234919750594372 },
])('P(X ≤ $successes) of $trials trials with chance $chance', ({ successes, trials, chance, cdf }) => {
  expectRelative(binomialCdf(successes, { trials, chance }), cdf, 1e-9);
});

test('the binomial cdf is 0 below and 1 at the top, and sums its own probabilities', () => {
  const binomial = { trials: 9, chance: 0.3 };
  expect(binomialCdf(-1, binomial)).toBe(0);
  expect(binomialCdf(9, binomial)).toBe(1);
  const sum = [0, 1, 2, 3, 4].reduce((total, count) => total + binomialPmf(count, binomial), 0);
  expect(binomialCdf(4, binomial)).toBeCloseTo(sum, 12);
});

test.each([
  { p: 0.025, alpha: 17, beta: 4, x: 0.621073173454686 },
  { p: 0.975, alpha: 18, beta: 3, x: 0.967929062814536 },
  { p: 0.95, alpha: 1, beta: 59, x: 0.0495076098882269 },
])('the beta quantile of $p for $alpha and $beta is $x', ({ p, alpha, beta, x }) => {
  expectRelative(betaQuantile(p, { alpha, beta }), x, 1e-9);
});

test.each([
  { t: 0.5, degrees: 2, cdf: 0.666666666666667, tolerance: 1e-9 },
  { t: 2.5, degrees: 3, cdf: 0.956146676495967, tolerance: 1e-9 },
  { t: -1, degrees: 30, cdf: 0.162654307713016, tolerance: 1e-8 },
])("Student's cdf at $t with $degrees degrees is $cdf", ({ t, degrees, cdf, tolerance }) => {
  expectRelative(studentTCdf(t, degrees), cdf, tolerance);
});

test.each([
  { degrees: 3, t: 3.18244630528371, tolerance: 1e-9 },
  { degrees: 9, t: 2.2621571627982, tolerance: 3e-8 },
  { degrees: 99, t: 1.98421695158642, tolerance: 3e-8 },
])("Student's 97.5 % quantile with $degrees degrees is $t", ({ degrees, t, tolerance }) => {
  expectRelative(studentTQuantile(0.975, degrees), t, tolerance);
});

test.each([
  { x: 81 / 15, tail: 0.0201367515503463 },
  { x: 64 / 15, tail: 0.0388671038124172 },
])('the chi-square tail with one degree beyond $x is $tail', ({ x, tail }) => {
  expectRelative(1 - chiSquareCdf(x, 1), tail, 1e-9);
});

test('the chi-square cdf is 0 up to 0', () => {
  expect(chiSquareCdf(0, 3)).toBe(0);
});
