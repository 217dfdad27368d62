import { expect, test } from 'vitest';
import { fakeClock } from './fake-clock.ts';

test('sleepers wake in the order of their time, each at its own', async () => {
  const clock = fakeClock({ now: 1_000 });
  const woken: [string, number][] = [];
  void clock.sleep(30).then(() => woken.push(['late', clock.now()]));
  void clock.sleep(10).then(async () => {
    woken.push(['early', clock.now()]);
    await clock.sleep(10);
    woken.push(['again', clock.now()]);
  });
  await clock.advance(25);
  expect(woken).toEqual([
    ['early', 1_010],
    ['again', 1_020],
  ]);
  expect(clock.sleepers).toBe(1);
  await clock.advance(5);
  expect(woken.at(-1)).toEqual(['late', 1_030]);
});

test('a sleep ends with the reason of its signal', async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  const sleep = clock.sleep(10, controller.signal);
  controller.abort(new Error('enough'));
  await expect(sleep).rejects.toThrow('enough');
  expect(clock.sleepers).toBe(0);
});
