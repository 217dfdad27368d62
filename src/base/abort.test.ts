import { expect, test } from 'vitest';
import { abortable, followSignal, lazyController, onAbort } from './abort.ts';

test('waiting stops with the reason of the signal while the work goes on', async () => {
  const controller = new AbortController();
  let finish: (value: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const waiting = abortable(work, controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  finish('done');
  await expect(work).resolves.toBe('done');
});

test('a signal that has aborted already rejects at once, and the failing work is nobody’s concern', async () => {
  await expect(
    abortable(Promise.reject(new Error('late')), AbortSignal.abort(new Error('before'))),
  ).rejects.toThrow('before');
});

test('a result passes through when nothing aborts', async () => {
  await expect(abortable(Promise.resolve(3), new AbortController().signal)).resolves.toBe(3);
  await expect(abortable(Promise.resolve(4), undefined)).resolves.toBe(4);
});

test('a following controller aborts with its signal, with the same reason, until released', () => {
  const leader = new AbortController();
  const followed = followSignal(leader.signal);
  const released = followSignal(leader.signal);
  released.release();
  leader.abort('stop');
  expect(followed.signal.reason).toBe('stop');
  expect(released.signal.aborted).toBe(false);
  expect(followSignal(leader.signal).signal.aborted).toBe(true);
});

test('a thousand listeners on one signal are all called once, without a warning of a leak', () => {
  const warnings: unknown[] = [];
  const warn = (warning: unknown) => warnings.push(warning);
  process.on('warning', warn);
  const controller = new AbortController();
  let called = 0;
  for (let count = 0; count < 1_000; count += 1) {
    onAbort(controller.signal, () => {
      called += 1;
    });
  }
  const ignore = onAbort(controller.signal, () => {
    called += 1_000;
  });
  ignore();
  controller.abort();
  process.off('warning', warn);
  expect(called).toBe(1_000);
  expect(warnings).toEqual([]);
});

test('a lazy controller aborts its signal, whether the signal or the abort came first', () => {
  const before = lazyController();
  before.abort('first');
  before.abort('second');
  expect(before.signal.aborted).toBe(true);
  expect(before.signal.reason).toBe('first');

  const after = lazyController();
  const { signal } = after;
  expect(signal.aborted).toBe(false);
  after.abort('later');
  expect(signal.reason).toBe('later');
  expect(after.signal).toBe(signal);
});
