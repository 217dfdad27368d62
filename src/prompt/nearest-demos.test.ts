import { describe, expect, test } from 'vitest';
import type { Demo } from './candidate.ts';
import { withNearest } from './nearest-demos.ts';

const demo = (text: string, source = text): Demo => ({ inputs: { text }, outputs: { label: 'a' }, source });
const demos = ['my card is lost', 'the card was stolen', 'where is the parcel', 'the parcel came broken'].map(
  (text) => demo(text),
);
const shown = (text: string, nearest: number, exampleId?: string) =>
  withNearest({ demos, nearest }, { text }, exampleId).demos.map(({ inputs }) => inputs.text);

describe('the demos that a row sees', () => {
  test('are the nearest, the nearest last', () => {
    expect(shown('a parcel that came late', 2)).toEqual(['where is the parcel', 'the parcel came broken']);
    expect(shown('a stolen card', 1)).toEqual(['the card was stolen']);
  });

  test('are all where there are fewer, and those first in the set where none is near', () => {
    expect(shown('card', 9)).toHaveLength(4);
    expect(shown('xyz', 2)).toEqual(['the card was stolen', 'my card is lost']);
    expect(shown('', 1)).toEqual(['my card is lost']);
  });

  test('never hold the row itself', () => {
    expect(shown('my card', 1, 'my card is lost')).toEqual(['the card was stolen']);
  });

  test('are found in scripts without spaces, in numbers, lists and objects', () => {
    const set = { demos: [demo('荷物が届かない'), demo('カードを紛失した')], nearest: 1 };
    expect(withNearest(set, { text: 'カードがない' }).demos[0]?.inputs.text).toBe('カードを紛失した');
    const mixed = {
      demos: [
        { inputs: { items: ['tea', 'milk'], total: 7 }, outputs: {} },
        { inputs: { items: [{ name: 'nails' }], total: 40 }, outputs: {} },
      ],
      nearest: 1,
    };
    expect(withNearest(mixed, { items: [{ name: 'nails' }], total: 3 }).demos[0]?.inputs.total).toBe(40);
  });

  test('are all, in their order, where a set does not say how many', () => {
    const set = { demos };
    expect(withNearest(set, { text: 'parcel' })).toBe(set);
  });
});
