import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { bcaInterval } from './bca.ts';
import { gradedDifference, mostResampled } from './graded-difference.ts';
import { signFlipTest } from './sign-flip.ts';

function differences(count: number, shift: number): readonly number[] {
  const random = createRandom(`differences/${count}`);
  return Array.from({ length: count }, () => shift + 0.4 * (random.next() - 0.5));
}

test('so many differing pairs that resampling gives way have the figures that resampling would give', () => {
  const values = differences(mostResampled + 1, 0.003);
  const limit = gradedDifference(values, { random: createRandom('limit') });
  expect(limit.method).toBe('normal');
  const drawn = bcaInterval(values, { random: createRandom('bootstrap'), resamples: 2_000 }).interval;
  const flipped = signFlipTest(values, { random: createRandom('flips'), resamples: 2_000 }).pValue;
  for (const side of [0, 1] as const)
    expect(Math.abs(limit.interval[side] - drawn[side])).toBeLessThan(0.0004);
  expect(Math.abs(limit.pValue - flipped)).toBeLessThan(0.03);
  expect(limit.withWorst().low).toBeLessThan(limit.interval[0]);
});

test('as many rows of which fewer differ are resampled', () => {
  const values = [...differences(40, 0.1), ...new Array<number>(2 * mostResampled).fill(0)];
  const random = createRandom('few');
  expect(gradedDifference(values, { random, resamples: 200 }).method).not.toBe('normal');
});
