import { describe, expect, it } from 'vitest';
import { clusterRows } from './cluster-rows.ts';
import type { Example } from './dataset.ts';
import { splitDataset } from './split.ts';

const row = (id: string, text: string, group?: string): Example => ({
  id,
  inputs: { text },
  ...(group !== undefined && { group }),
});

describe('clusterRows', () => {
  it('joins equal rows, near-duplicates and rows of one group, and leaves others alone', () => {
    const clusters = clusterRows([
      row('d', 'my invoice number is wrong, please help'),
      row('b', 'My invoice number is wrong: please help!'),
      row('c', 'where is the parcel that I ordered in May?', 'ann'),
      row('a', 'the app closes when I open the camera', 'ann'),
      row('e', 'how do I add a second user to my plan?'),
      row('f', 'which countries do you ship to, and when?', 'bob'),
    ]);
    expect(Object.fromEntries(clusters)).toEqual({ d: 'b', b: 'b', c: 'a', a: 'a', e: 'e', f: 'f' });
  });

  it('joins what groups and copies join in a chain, whatever the order of the rows', () => {
    const rows = [
      row('1', 'one text of the first customer', 'ann'),
      row('2', 'a text that both customers wrote', 'ann'),
      row('3', 'A text that both customers wrote.', 'bob'),
      row('4', 'something else by the second one', 'bob'),
      row('5', 'nothing to do with either of them'),
    ];
    const expected = { 1: '1', 2: '1', 3: '1', 4: '1', 5: '5' };
    // Four of five rows are one cluster by their groups: a group holds however large it is.
    expect(Object.fromEntries(clusterRows(rows))).toEqual(expected);
    expect(Object.fromEntries(clusterRows([...rows].reverse()))).toEqual(expected);
  });
});

describe('splitDataset with groups', () => {
  const words = 'apple river stone cloud paper engine garden window market bridge candle forest'.split(' ');
  const examples = Array.from({ length: 120 }, (_, index) =>
    row(
      `r${index}`,
      `${words[index % 12]} ${words[(index * 5) % 11]} ${index * 7919} ${words[(index * 7) % 12]} ${index * 104729}`,
      `customer ${index % 30}`,
    ),
  );

  it('keeps every group on one side, says so, and names the cluster of every row', () => {
    const split = splitDataset(examples, { seed: 2 });
    const sides = [split.train, split.validation, split.test];
    const groupsOf = sides.map((side) => new Set(side.map(({ group }) => group)));
    expect(groupsOf.reduce((sum, { size }) => sum + size, 0)).toBe(30);
    expect(sides.map(({ length }) => length)).toEqual([60, 32, 28]);
    expect(split.notices).toEqual([
      expect.stringContaining('120 of 120 rows share a group or are duplicates'),
    ]);
    expect(split.clusters.size).toBe(120);
    expect(new Set(split.clusters.values()).size).toBe(30);
    for (const { id, group } of examples) {
      const twin = examples.find((other) => other.group === group && other.id !== id);
      expect(split.clusters.get(id)).toBe(split.clusters.get(twin?.id ?? ''));
    }
  });
});
