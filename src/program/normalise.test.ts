import { expect, test } from 'vitest';
import { normalise } from './normalise.ts';

test.each([
  { logProbabilities: [0, 0], probabilities: [0.5, 0.5] },
  { logProbabilities: [Math.log(3), 0], probabilities: [0.75, 0.25] },
  { logProbabilities: [-1_000, -1_000, -1_000, -1_000], probabilities: [0.25, 0.25, 0.25, 0.25] },
  { logProbabilities: [0, Number.NEGATIVE_INFINITY], probabilities: [1, 0] },
  {
    logProbabilities: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    probabilities: [0.5, 0.5],
  },
  { logProbabilities: [], probabilities: [] },
])('the log-probabilities $logProbabilities are the probabilities $probabilities', (row) => {
  const actual = normalise(row.logProbabilities);
  expect(actual).toHaveLength(row.probabilities.length);
  for (const [index, probability] of row.probabilities.entries()) {
    expect(actual[index]).toBeCloseTo(probability, 12);
  }
});
