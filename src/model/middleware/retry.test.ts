import { expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import type { Model } from '../model.ts';
import { type RetryOptions, withRetry } from './retry.ts';

const request = { messages: [{ role: 'user' as const, content: 'a' }] };
const fault = (retryable: boolean) =>
  new HoneError('down', { code: 'HONE_MODEL_SERVER', facts: { retryable } });
const rejection = (retryAfterMs?: number) =>
  new HoneError('slow down', { code: 'HONE_MODEL_RATE_LIMITED', facts: { retryable: true, retryAfterMs } });

/** The longest possible jitter, so that waits are exact. */
const random = { next: () => 1 };

function retried(failures: readonly unknown[], options: RetryOptions = {}) {
  const clock = fakeClock();
  const source = scriptedModel({ replies: ['x'], failures });
  const model = withRetry({ clock, random, ...options })(source);
  return { clock, source, model };
}

test('a fault that may heal is tried again after waits that double, and the retries are counted', async () => {
  const { clock, source, model } = retried([fault(true), fault(true), fault(true)]);
  const call = model.generate(request);
  const callsAt: number[] = [];
  for (const ms of [0, 499, 1, 999, 1, 1_999, 1]) {
    await clock.advance(ms);
    callsAt.push(source.callCount);
  }
  expect(callsAt).toEqual([1, 1, 2, 2, 3, 3, 4]);
  await expect(call).resolves.toMatchObject({ text: 'x', retries: 3 });
});

test('an answer at the first attempt says nothing of retries', async () => {
  await expect(retried([]).model.generate(request)).resolves.not.toHaveProperty('retries');
});

test.each([
  { case: 'a final fault', thrown: fault(false) },
  { case: 'an error that is not Hone’s', thrown: new Error('odd') },
])('$case is not tried again', async ({ thrown }) => {
  const { source, model } = retried([thrown]);
  await expect(model.generate(request)).rejects.toBe(thrown);
  expect(source.callCount).toBe(1);
});

test('it ends after the bound, and the error says how often it was tried', async () => {
  const { clock, source, model } = retried(Array.from({ length: 9 }, () => fault(true)));
  const call = model.generate(request).catch((thrown: unknown) => thrown);
  await clock.advance(60_000);
  expect(await call).toMatchObject({
    code: 'HONE_MODEL_SERVER',
    message: expect.stringContaining('tried 5 times'),
    facts: { retries: 4 },
  });
  expect(source.callCount).toBe(5);
});

test.each([2_000, 120_000])('a server that asks for %s ms is left alone for that long', async (asked) => {
  const { clock, source, model } = retried([rejection(asked)]);
  const call = model.generate(request);
  await clock.advance(asked);
  expect(source.callCount).toBe(1);
  await clock.advance(500);
  expect(source.callCount).toBe(2);
  await call;
});

test('a server that asks for more than a run can wait ends the call at once, and the wait is named', async () => {
  const { source, model } = retried([rejection(86_400_000)]);
  await expect(model.generate(request)).rejects.toMatchObject({
    code: 'HONE_MODEL_RATE_LIMITED',
    message: expect.stringContaining('24 hours'),
    facts: { retryable: false, providerGone: true, retryAfterMs: 86_400_000 },
  });
  expect(source.callCount).toBe(1);
});

test('rejections have a bound of their own, because a storm costs several turns', async () => {
  const { clock, source, model } = retried([...Array.from({ length: 6 }, () => rejection(10)), fault(true)], {
    retries: 1,
    rateLimitRetries: 6,
  });
  const call = model.generate(request);
  await clock.advance(100_000);
  await expect(call).resolves.toMatchObject({ retries: 7 });
  expect(source.callCount).toBe(8);
});

test('rejections without any answer end after two minutes, however often the server may be asked', async () => {
  const { clock, source, model } = retried(
    Array.from({ length: 99 }, () => rejection(20_000)),
    { rateLimitRetries: 99 },
  );
  const call = model.generate(request).catch((thrown: unknown) => thrown);
  await clock.advance(130_000);
  expect(await call).toMatchObject({ code: 'HONE_MODEL_RATE_LIMITED', facts: { providerGone: true } });
  expect(source.callCount).toBeLessThan(8);
});

test('a rejection waits at least half of its time, so that a limit of a minute is outlasted', async () => {
  const { clock, source, model } = retried(
    Array.from({ length: 99 }, () => rejection()),
    { random: { next: () => 0 } },
  );
  const call = model.generate(request).catch((thrown: unknown) => thrown);
  await clock.advance(60_000);
  expect(source.callCount).toBeLessThan(11);
  await clock.advance(60_000);
  expect(await call).toMatchObject({ code: 'HONE_MODEL_RATE_LIMITED' });
});

test('what timed out is tried twice more, with less time', async () => {
  const clock = fakeClock();
  const given: (number | undefined)[] = [];
  const source: Model = {
    ...scriptedModel({ replies: ['x'] }),
    generate: (_, options) => {
      given.push(options?.timeoutMs);
      return Promise.reject(
        new HoneError('silent', {
          code: 'HONE_MODEL_TIMEOUT',
          facts: { retryable: true, timeoutMs: options?.timeoutMs ?? 120_000 },
        }),
      );
    },
  };
  const call = withRetry({ clock, random })(source)
    .generate(request)
    .catch((thrown: unknown) => thrown);
  await clock.advance(10_000);
  expect(await call).toMatchObject({ code: 'HONE_MODEL_TIMEOUT', facts: { retries: 2 } });
  expect(given).toEqual([undefined, 30_000, 30_000]);
});

test('a final fault after retries says how often the call was tried', async () => {
  const { clock, model } = retried([fault(true), fault(false)]);
  const call = model.generate(request).catch((thrown: unknown) => thrown);
  await clock.advance(1_000);
  expect(await call).toMatchObject({ facts: { retries: 1, retryable: false } });
});

test('the longest wait is bounded, and jitter spreads it', async () => {
  const { clock, source, model } = retried([fault(true), fault(true)], {
    maxDelayMs: 800,
    random: { next: () => 0.5 },
  });
  const call = model.generate(request);
  await clock.advance(250);
  expect(source.callCount).toBe(2);
  await clock.advance(400);
  expect(source.callCount).toBe(3);
  await call;
});

test('an abort ends the wait', async () => {
  const { clock, source, model } = retried([fault(true)]);
  const controller = new AbortController();
  const call = model.generate(request, { signal: controller.signal }).catch((thrown: unknown) => thrown);
  await clock.advance(10);
  const reason = new Error('enough');
  controller.abort(reason);
  expect(await call).toBe(reason);
  expect(source.callCount).toBe(1);
});
