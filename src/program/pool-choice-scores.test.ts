import { describe, expect, test } from 'vitest';
import { type PoolOptions, poolChoiceScores } from './pool-choice-scores.ts';

const choices = ['yes', 'no'];
const log = (...probabilities: readonly number[]) => probabilities.map(Math.log);
const pool = (scores: readonly (readonly number[])[], options: Partial<PoolOptions> = {}) =>
  poolChoiceScores(scores, { choices, sets: [], offsets: {}, ...options });

describe('poolChoiceScores', () => {
  test.each([
    { what: 'one set is taken as it is', scores: [log(0.2, 0.8)], best: 'no', probability: 0.8 },
    { what: 'scores need not add up to 1', scores: [log(0.02, 0.08)], best: 'no', probability: 0.8 },
    {
      what: 'two sets are multiplied: 0.6 · 0.2 against 0.4 · 0.8',
      scores: [log(0.6, 0.4), log(0.2, 0.8)],
      best: 'no',
      probability: 0.32 / 0.44,
    },
    { what: 'on a tie the earlier choice wins', scores: [log(0.5, 0.5)], best: 'yes', probability: 0.5 },
  ])('$what', ({ scores, best, probability }) => {
    const pooled = pool(scores);
    expect(pooled.best).toBe(best);
    expect(pooled.probabilities[choices.indexOf(best)]).toBeCloseTo(probability, 12);
  });

  test('a set of weight 2 has the say of two sets', () => {
    const heavy = pool([log(0.7, 0.3), log(0.2, 0.8)], { sets: [{ weight: 2 }, {}] });
    const twice = pool([log(0.7, 0.3), log(0.7, 0.3), log(0.2, 0.8)]);
    expect(heavy.best).toBe('yes');
    expect(heavy.probabilities[0]).toBeCloseTo(twice.probabilities[0] ?? 0, 12);
  });

  test('the offsets of a set change that set alone, before it is normalised', () => {
    const pooled = pool([log(0.5, 0.5), log(0.5, 0.5)], { sets: [{ offsets: { no: Math.log(3) } }, {}] });
    expect(pooled.probabilities[1]).toBeCloseTo(0.75, 12);
  });

  test('the offsets of the step are added after pooling', () => {
    const pooled = pool([log(0.8, 0.2), log(0.8, 0.2)], { offsets: { no: Math.log(16) } });
    expect(pooled.probabilities[0]).toBeCloseTo(0.5, 12);
  });

  test('a set that rules an answer out does not overrule all others', () => {
    const sure = log(1 - 1e-9, 1e-9);
    const against = [Number.NEGATIVE_INFINITY, 0];
    expect(pool([sure, sure, sure, sure, sure, against]).best).toBe('yes');
  });

  test('answers that are all impossible are equally likely, never NaN', () => {
    const nothing = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(pool([nothing])).toEqual({ probabilities: [0.5, 0.5], best: 'yes' });
  });
});
