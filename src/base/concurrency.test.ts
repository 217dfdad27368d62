import { expect, test } from 'vitest';
import { createMutex, mapAllConcurrently, mapConcurrently } from './concurrency.ts';

/** A step that finishes only when told to. */
function gate() {
  const waiting = new Map<number, () => void>();
  return {
    work: (item: number) => new Promise<number>((resolve) => waiting.set(item, () => resolve(item * 10))),
    open: (item: number) => waiting.get(item)?.(),
    started: () => waiting.size,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('results come in the order of the items, whichever is ready first', async () => {
  const { work, open } = gate();
  const results = mapAllConcurrently([1, 2, 3], work, { limit: 3 });
  await turn();
  for (const item of [3, 2, 1]) open(item);
  expect(await results).toEqual([10, 20, 30]);
});

test('at most `limit` steps run at once', async () => {
  let running = 0;
  let most = 0;
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  };
  await mapAllConcurrently(Array.from({ length: 50 }), work, { limit: 4 });
  expect(most).toBe(4);
});

test('a source of any length is read only as far as there is room', async () => {
  let read = 0;
  function* endless() {
    while (true) yield read++;
  }
  const results = mapConcurrently(endless(), async (item) => item, { limit: 5 });
  for (let count = 0; count < 20; count += 1) await results.next();
  await results.return();
  expect(read).toBeLessThanOrEqual(30);
});

test('a failed step stops the iteration after the steps in flight have ended', async () => {
  const ended: number[] = [];
  const work = async (item: number) => {
    if (item === 1) throw new Error('broken');
    await turn();
    ended.push(item);
  };
  await expect(mapAllConcurrently([0, 1, 2, 3, 4, 5], work, { limit: 3 })).rejects.toThrow('broken');
  const before = [...ended];
  await turn();
  expect(ended).toEqual(before);
});

test('an aborted signal starts nothing new', async () => {
  const controller = new AbortController();
  let started = 0;
  const work = async () => {
    started += 1;
    controller.abort(new Error('stopped'));
  };
  await expect(mapAllConcurrently([1, 2, 3], work, { limit: 1, signal: controller.signal })).rejects.toThrow(
    'stopped',
  );
  expect(started).toBe(1);
});

test('a mutex runs one piece of work at a time, in the order of asking, also after a failure', async () => {
  const exclusive = createMutex();
  const order: string[] = [];
  const slow = exclusive(async () => {
    await turn();
    order.push('first');
    throw new Error('broken');
  });
  const fast = exclusive(async () => order.push('second'));
  await expect(slow).rejects.toThrow('broken');
  await fast;
  expect(order).toEqual(['first', 'second']);
});
