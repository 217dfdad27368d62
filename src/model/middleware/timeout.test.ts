import { expect, test } from 'vitest';
import { fakeClock } from '../../testing/fake-clock.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import type { Model } from '../model.ts';
import { withTimeout } from './timeout.ts';

const request = { messages: [{ role: 'user' as const, content: 'a' }] };

test('an attempt that takes too long is aborted and may be tried again', async () => {
  const clock = fakeClock();
  const model = withTimeout({ ms: 1_000, clock })(scriptedModel({ replies: ['x'], latencyMs: 5_000, clock }));
  const call = model.generate(request).catch((thrown: unknown) => thrown);
  await clock.advance(1_000);
  expect(await call).toMatchObject({
    code: 'HONE_MODEL_TIMEOUT',
    facts: { retryable: true, timeoutMs: 1_000 },
  });
  expect(clock.sleepers).toBe(0);
});

test('the caller is freed even from a model that does not heed the abort', async () => {
  const clock = fakeClock();
  const deaf: Model = { ...scriptedModel({ replies: ['x'] }), generate: () => new Promise(() => undefined) };
  const call = withTimeout({ ms: 1_000, clock })(deaf)
    .generate(request)
    .catch((thrown: unknown) => thrown);
  await clock.advance(1_000);
  expect(await call).toMatchObject({ code: 'HONE_MODEL_TIMEOUT' });
});

test('an answer in time leaves no timer behind', async () => {
  const clock = fakeClock();
  const model = withTimeout({ ms: 1_000, clock })(scriptedModel({ replies: ['x'], latencyMs: 999, clock }));
  const call = model.generate(request);
  await clock.advance(999);
  await expect(call).resolves.toMatchObject({ text: 'x' });
  expect(clock.sleepers).toBe(0);
});

test('the caller’s abort keeps its own reason', async () => {
  const clock = fakeClock();
  const model = withTimeout({ ms: 1_000, clock })(scriptedModel({ replies: ['x'], latencyMs: 500, clock }));
  const controller = new AbortController();
  const reason = new Error('enough');
  const call = model.generate(request, { signal: controller.signal });
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test('0 means no limit, and the caller is still freed by its signal', async () => {
  const deaf: Model = { ...scriptedModel({ replies: ['x'] }), generate: () => new Promise(() => undefined) };
  const clock = fakeClock();
  const controller = new AbortController();
  const call = withTimeout({ ms: 0, clock })(deaf).generate(request, { signal: controller.signal });
  expect(clock.sleepers).toBe(0);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test('a call may ask for less time than the others, and never gets more', async () => {
  const clock = fakeClock();
  const model = withTimeout({ ms: 1_000, clock })(scriptedModel({ replies: ['x'], latencyMs: 5_000, clock }));
  const calls = [200, 5_000].map((timeoutMs) =>
    model.generate(request, { timeoutMs }).catch((thrown: unknown) => thrown),
  );
  await clock.advance(1_000);
  expect(await Promise.all(calls)).toMatchObject([
    { code: 'HONE_MODEL_TIMEOUT', facts: { timeoutMs: 200 } },
    { code: 'HONE_MODEL_TIMEOUT', facts: { timeoutMs: 1_000 } },
  ]);
  expect(clock.sleepers).toBe(0);
});

test('each of many attempts has its own time', async () => {
  const clock = fakeClock();
  const latencies = [400, 2_000, 300, 2_000];
  let call = 0;
  const source: Model = {
    ...scriptedModel({ replies: ['x'] }),
    generate: async (_, options) => {
      const latencyMs = latencies[call++] ?? 0;
      await clock.sleep(latencyMs, options?.signal);
      return { text: 'x', finishReason: 'stop', usage: {}, latencyMs };
    },
  };
  const model = withTimeout({ ms: 1_000, clock })(source);
  const endedAt: number[] = [];
  const calls = latencies.map(async (_, index) => {
    await clock.sleep(index * 100);
    const result = await model.generate(request).catch((thrown: unknown) => thrown);
    endedAt[index] = clock.monotonic();
    return result;
  });
  await clock.advance(5_000);
  expect(await Promise.all(calls)).toMatchObject([
    { text: 'x' },
    { code: 'HONE_MODEL_TIMEOUT' },
    { text: 'x' },
    { code: 'HONE_MODEL_TIMEOUT' },
  ]);
  expect(endedAt).toEqual([400, 1_100, 500, 1_300]);
  expect(clock.sleepers).toBe(0);
});
