import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { poolWeights } from './pool-weights.ts';

const choices = ['a', 'b'];
const log = (share: number) => [Math.log(share), Math.log(1 - share)];

test('leave out a set that says nothing', () => {
  const rows = [0, 1, 0, 1].map((target) => ({ target, scores: [log(target === 0 ? 0.9 : 0.1), log(0.5)] }));
  const [telling, silent] = poolWeights(rows, { sets: [{}, {}], choices });
  expect(telling).toBeGreaterThan(0);
  expect(silent).toBe(0);
});

test('use both of two sets that err on different rows, and trust the surer of them less', () => {
  const random = createRandom('pool');
  const rows = Array.from({ length: 200 }, () => {
    const target = random.integer(2);
    const says = (right: number, sure: number) =>
      log(random.next() < right === (target === 0) ? sure : 1 - sure);
    return { target, scores: [says(0.8, 0.8), says(0.8, 0.9999)] };
  });
  const [fair = 0, tooSure = 0] = poolWeights(rows, { sets: [{}, {}], choices });
  expect(fair).toBeGreaterThan(0.5);
  expect(tooSure).toBeGreaterThan(0);
  expect(tooSure).toBeLessThan(fair / 2);
});

test('see each set with its own offsets', () => {
  const rows = [0, 1].map((target) => ({ target, scores: [target === 0 ? [-1, -4] : [-1, -1.5]] }));
  expect(poolWeights(rows, { sets: [{ offsets: { b: 1.5 } }], choices })).toEqual([1]);
});

test('are of use without rows: every set has its full say', () => {
  expect(poolWeights([], { sets: [{}], choices })[0]).toBeGreaterThan(0);
});
