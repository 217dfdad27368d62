import { expect, test } from 'vitest';
import { chunkSizes, createBatcher } from './batches.ts';

test('what is asked for in one turn is served together, in order, at most the limit at a time', async () => {
  const served: (readonly number[])[] = [];
  const batcher = createBatcher<number, number>(4, async (items) => {
    served.push(items);
    return items.map((item) => item * 10);
  });
  const results = await Promise.all([1, 2, 3, 4, 5, 6].map((item) => batcher.add(item)));
  expect(results).toEqual([10, 20, 30, 40, 50, 60]);
  expect(served).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ]);
});

test('what comes while a batch is served waits and forms the next one', async () => {
  const served: (readonly string[])[] = [];
  let release = () => {};
  const batcher = createBatcher<string, void>(10, async (items) => {
    served.push(items);
    if (served.length === 1) await new Promise<void>((resolve) => (release = resolve));
    return [];
  });
  const first = batcher.add('a');
  await new Promise((resolve) => setImmediate(resolve));
  const others = [batcher.add('b'), batcher.add('c')];
  release();
  await Promise.all([first, ...others]);
  expect(served).toEqual([['a'], ['b', 'c']]);
});

test('a batch that fails rejects its own items, and the next one is served', async () => {
  const batcher = createBatcher<string, string>(10, async (items) => {
    if (items.includes('bad')) throw new Error('refused');
    return items;
  });
  const refused = [batcher.add('bad'), batcher.add('beside it')];
  expect((await Promise.allSettled(refused)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(batcher.add('good')).resolves.toBe('good');
  await batcher.drain();
});

test.each([
  { rows: 0, sizes: [] },
  { rows: 1, sizes: [1] },
  { rows: 22, sizes: [16, 4, 1, 1] },
  { rows: 150, sizes: [64, 64, 16, 4, 1, 1] },
])('$rows rows are written by statements of $sizes', ({ rows, sizes }) => {
  expect(chunkSizes(rows)).toEqual(sizes);
});
