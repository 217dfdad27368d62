import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { gradedEvidence } from './graded-evidence.ts';

const feed = (differences: readonly number[]) => {
  const evidence = gradedEvidence();
  let highest = 0;
  for (const difference of differences) {
    evidence.add(difference);
    highest = Math.max(highest, evidence.twoSided);
  }
  return { evidence, highest };
};

test('starts at 1, grows with a steady gain, and its sides mirror each other', () => {
  expect(gradedEvidence().twoSided).toBe(1);
  const gains = Array.from({ length: 100 }, () => 0.3);
  const { evidence } = feed(gains);
  expect(evidence.challengerBetter).toBeGreaterThan(20);
  const { evidence: losses } = feed(gains.map((gain) => -gain));
  expect(losses.twoSided).toBeCloseTo(evidence.twoSided, 9);
  expect(losses.challengerBetter).toBeLessThan(1);
});

test('no loss at all, however bad, makes it negative or no number', () => {
  const { evidence } = feed(Array.from({ length: 2_000 }, (_, index) => (index % 2 === 0 ? 1 : -1)));
  expect(evidence.twoSided).toBeGreaterThanOrEqual(0);
  expect(Number.isNaN(evidence.twoSided)).toBe(false);
});

test('of equal candidates it reaches 20 in at most one of twenty runs, looked at after every row', () => {
  let reached = 0;
  for (let run = 0; run < 400; run += 1) {
    const random = createRandom(`evidence/${run}`);
    const { highest } = feed(Array.from({ length: 300 }, () => 2 * random.next() - 1));
    reached += Number(highest >= 20);
  }
  expect(reached / 400).toBeLessThan(0.08);
});
