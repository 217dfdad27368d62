import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { sha256 } from './hash.ts';

/**
 * A seeded stream of random numbers. Streams are forked by label, never by order of arrival, so concurrent
 * work draws the same numbers whoever is first.
 */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from 0 to `bound` − 1. */
  integer(bound: number): number;
  /** A new array in random order (Fisher–Yates). */
  shuffle<Item>(items: readonly Item[]): Item[];
  /** `count` distinct items in random order; all of them when there are fewer. */
  sample<Item>(items: readonly Item[], count: number): Item[];
  /** An independent stream that depends on this stream's seed and the label alone. */
  fork(label: string): Random;
}

/** A stream whose numbers depend on the seed alone. */
export function createRandom(seed: number | string): Random {
  const path = String(seed);
  const generator = xoroshiro128plus(Number.parseInt(sha256(path).slice(0, 8), 16) | 0);
  const integer = (bound: number) => uniformInt(generator, 0, bound - 1);
  const shuffle = <Item>(items: readonly Item[]): Item[] => {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = integer(last + 1);
      const item = shuffled[last] as Item;
      shuffled[last] = shuffled[other] as Item;
      shuffled[other] = item;
    }
    return shuffled;
  };
  return {
    next: () => uniformFloat64(generator),
    integer,
    shuffle,
    sample: (items, count) => shuffle(items).slice(0, count),
    fork: (label) => createRandom(`${path}/${label}`),
  };
}
