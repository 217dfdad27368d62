import { describe, expect, test } from 'vitest';
import { highest, upperBounds } from './bandit.ts';

describe('upper confidence bounds', () => {
  test('follow the formula', () => {
    const [one, other] = upperBounds(
      [
        { pulls: 4, mean: 0.5 },
        { pulls: 1, mean: 0.25 },
      ],
      2,
    );
    expect(one).toBeCloseTo(0.5 + 2 * Math.sqrt(Math.log(5) / 4), 12);
    expect(other).toBeCloseTo(0.25 + 2 * Math.sqrt(Math.log(5)), 12);
  });

  test('try an arm that was never pulled first, whatever its mean says', () => {
    const bounds = upperBounds([
      { pulls: 3, mean: 1 },
      { pulls: 0, mean: 0 },
    ]);
    expect(highest(bounds, 1)).toEqual([1]);
  });

  test('explore from the second pull on', () => {
    const [bound] = upperBounds([{ pulls: 2, mean: 0.5 }]);
    expect(bound).toBeGreaterThan(0.5);
  });
});

test('of equal values the first is the highest', () => {
  expect(highest([0.2, 0.7, 0.7, 0.1], 3)).toEqual([1, 2, 0]);
});
