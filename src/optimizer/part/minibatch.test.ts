import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { minibatches } from './minibatch.ts';

const rows = Array.from({ length: 7 }, (_, index) => ({ id: `row-${index}`, inputs: {} }));

test('a batch never holds a row twice, and every row comes before any comes again', () => {
  const batches = minibatches(rows, { size: 3, random: createRandom('batches') });
  const seen = new Map(rows.map(({ id }) => [id, 0]));
  for (let batch = 0; batch < 70; batch += 1) {
    const ids = batches.next().map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) seen.set(id, (seen.get(id) ?? 0) + 1);
    const counts = [...seen.values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  }
});

test('a batch larger than the rows is all of them', () => {
  const batches = minibatches(rows, { size: 20, random: createRandom('batches') });
  expect(
    batches
      .next()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(rows.map(({ id }) => id));
});
