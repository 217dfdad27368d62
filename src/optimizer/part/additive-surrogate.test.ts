import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { additiveSurrogate, type Observation } from './additive-surrogate.ts';

describe('an additive surrogate', () => {
  test('expects the mean of what it saw, before it knows more', () => {
    const surrogate = additiveSurrogate([{ choices: [0, 0], mean: 0.6, rows: 1 }], [2, 2]);
    expect(surrogate.expect([1, 1])).toBeCloseTo(0.6, 6);
  });

  test('agrees with the formula for one variable: effect = precision-weighted difference', () => {
    // Means 0.2 and 0.8 of 100 rows each around 0.5: effect = ±0.3 · 400 / (400 + 100).
    const surrogate = additiveSurrogate(
      [
        { choices: [0], mean: 0.2, rows: 100 },
        { choices: [1], mean: 0.8, rows: 100 },
      ],
      [2],
    );
    expect(surrogate.expect([0])).toBeCloseTo(0.5 - 0.24, 6);
    expect(surrogate.expect([1])).toBeCloseTo(0.5 + 0.24, 6);
  });

  test('trusts a mean of many rows more than one of few', () => {
    const few = additiveSurrogate(
      [
        { choices: [0], mean: 1, rows: 2 },
        { choices: [1], mean: 0.5, rows: 98 },
      ],
      [2],
    );
    const many = additiveSurrogate(
      [
        { choices: [0], mean: 1, rows: 50 },
        { choices: [1], mean: 0.5, rows: 50 },
      ],
      [2],
    );
    expect(many.expect([0]) - many.expect([1])).toBeGreaterThan(few.expect([0]) - few.expect([1]));
  });

  test('explores at first and settles on the best combination', () => {
    const truth = ([a = 0, b = 0]: readonly number[]) => 0.3 + (a === 2 ? 0.2 : 0) + (b === 1 ? 0.2 : 0);
    const seen: Observation[] = [];
    for (let trial = 0; trial < 40; trial += 1) {
      const choices = additiveSurrogate(seen, [4, 3]).suggest(createRandom(trial));
      seen.push({ choices, mean: truth(choices), rows: 30 });
    }
    expect(new Set(seen.slice(0, 12).map(({ choices }) => choices.join())).size).toBeGreaterThan(4);
    expect(seen.slice(-10).filter(({ choices }) => truth(choices) > 0.6).length).toBeGreaterThanOrEqual(7);
  });
});
