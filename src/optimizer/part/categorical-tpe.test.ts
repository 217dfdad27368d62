import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { suggestByTpe, type Trial } from './categorical-tpe.ts';

const value = ([a = 0, b = 0]: readonly number[]) => (a === 2 ? 0.4 : 0) + (b === 1 ? 0.4 : 0);

function search(trials: number, startup?: number): readonly Trial[] {
  const seen: Trial[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const choices = suggestByTpe(seen, [4, 3], { random: createRandom(`trial-${trial}`), startup });
    seen.push({ choices, value: value(choices) });
  }
  return seen;
}

describe('a Parzen estimator over choices', () => {
  test('chooses at random until it has seen enough', () => {
    const first = search(10).map(({ choices }) => choices.join());
    expect(new Set(first).size).toBeGreaterThan(4);
  });

  test('then comes back to what was best more often than chance would', () => {
    const later = search(60).slice(20);
    const best = later.filter(({ value: reached }) => reached > 0.7).length;
    expect(best / later.length).toBeGreaterThan(0.3);
  });

  test('decides the same with the same stream', () => {
    const trials = search(20);
    const suggest = () => suggestByTpe(trials, [4, 3], { random: createRandom('same') });
    expect(suggest()).toEqual(suggest());
  });

  test('never leaves the choices, also where there is only one', () => {
    for (let draw = 0; draw < 50; draw += 1) {
      const [a = 9, b = 9] = suggestByTpe(search(15), [4, 3], { random: createRandom(draw) });
      expect(a).toBeLessThan(4);
      expect(b).toBeLessThan(3);
    }
    expect(suggestByTpe([{ choices: [0], value: 1 }], [1], { random: createRandom(1), startup: 1 })).toEqual([
      0,
    ]);
  });
});
