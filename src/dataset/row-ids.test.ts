import { expect, test } from 'vitest';
import { createRowIds } from './row-ids.ts';

test('every row gets an id of its own while the table of what was seen grows', () => {
  const ids = createRowIds();
  const given = new Set<string>();
  for (let row = 0; row < 100_000; row += 1) given.add(ids.ofContent(`row ${row % 60_000}`));
  expect(given.size).toBe(100_000);
});

test('a row that occurs a hundred times is numbered through', () => {
  const ids = createRowIds();
  const given = Array.from({ length: 100 }, () => ids.ofColumn('a'));
  expect(given).toEqual(['a', ...Array.from({ length: 99 }, (_, index) => `a-${index + 2}`)]);
});

test('new rows are told apart by their number once there is no room to remember them', () => {
  const ids = createRowIds({ maxSlots: 16 });
  const given = Array.from({ length: 40 }, (_, row) => ids.ofColumn(`row ${row % 20}`));
  expect(new Set(given).size).toBe(40);
  expect(given[0]).toBe('row 0');
  expect(given[20]).toBe('row 0-2');
  expect(given[19]).toBe('row 19-r20');
  expect(given[39]).toBe('row 19-r40');
});
