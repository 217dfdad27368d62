import { expect, test } from 'vitest';
import { abortable, followSignal } from './abort.ts';

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
