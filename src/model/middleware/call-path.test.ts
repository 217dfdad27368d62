import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../testing/fake-clock.ts';
import { chatCompletion, openLoopbackServer } from '../../testing/loopback-server.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { openaiCompatible } from '../provider/openai-compatible.ts';
import type { AnswerLog } from './answer-cache.ts';
import { callPath } from './call-path.ts';
import { createRateLimiters } from './rate-limit.ts';
import type { ObservedCall } from './record.ts';
import { createSpendLedger } from './spend-limit.ts';

const ask = (text: string) => ({
  messages: [{ role: 'user' as const, content: text }],
  maxOutputTokens: 100,
});

function memoryLog(): AnswerLog {
  const answers = new Map<string, string>();
  return {
    read: async (key) => answers.get(key),
    write: async ({ key, answer }) => void answers.set(key, answer),
  };
}

describe('against a real server', () => {
  test('a storm of 429 is weathered: every call is answered, and the pace adapts', async () => {
    let active = 0;
    await using server = await openLoopbackServer(async () => {
      active += 1;
      const isTooMany = active > 4;
      await new Promise((resolve) => setTimeout(resolve, 2));
      active -= 1;
      return isTooMany
        ? { status: 429, headers: { 'retry-after-ms': '5' }, body: { error: { message: 'Slow down' } } }
        : { body: chatCompletion('x') };
    });
    const limiters = createRateLimiters({ concurrency: 64 });
    const source = openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl });
    const model = callPath(source, { log: memoryLog(), limiters, retry: { baseDelayMs: 5 } });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => model.generate(ask(`row ${index}`))),
    );
    expect(answers.every(({ text }) => text === 'x')).toBe(true);
    expect(answers.some(({ retries = 0 }) => retries > 0)).toBe(true);
    expect(limiters.of(source.endpoint).limit).toBeLessThan(64);
  });

  test('a reply that is cut, then a server error, then an answer: tried until it is there', async () => {
    await using server = await openLoopbackServer((_, index) =>
      index === 0
        ? { body: chatCompletion('x'), cutAfter: 20 }
        : index === 1
          ? { status: 500, body: 'oops' }
          : { body: chatCompletion('x') },
    );
    const model = callPath(openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl }), {
      retry: { baseDelayMs: 1 },
    });
    await expect(model.generate(ask('a'))).resolves.toMatchObject({ text: 'x', retries: 2 });
  });

  test('a server that stalls is given up in time, attempt by attempt', async () => {
    await using server = await openLoopbackServer(() => ({ stalls: true }));
    const model = callPath(openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl }), {
      timeoutMs: 20,
      retry: { retries: 2, baseDelayMs: 1 },
    });
    await expect(model.generate(ask('a'))).rejects.toMatchObject({
      code: 'HONE_MODEL_TIMEOUT',
      facts: { retries: 2 },
    });
    expect(server.count).toBe(3);
  });

  test('an abort reaches the server: the connection is closed', async () => {
    await using server = await openLoopbackServer(() => ({ stalls: true }));
    const model = callPath(openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl }), { log: memoryLog() });
    const controller = new AbortController();
    const call = model.generate(ask('a'), { signal: controller.signal });
    while (server.count === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    while (server.active > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  });
});

describe('the order', () => {
  test('what is stored costs no turn, no budget and no retry', async () => {
    const log = memoryLog();
    const ledger = createSpendLedger({ limitUsd: 0.000_2 });
    const price = { input: 0, output: 1 };
    const source = scriptedModel({ respond: () => ({ text: 'x', costUsd: 0.000_15 }), price });
    const model = callPath(source, { log, ledger, clock: fakeClock() });
    await model.generate(ask('a'));
    await expect(model.generate(ask('a'))).resolves.toMatchObject({ cached: true, costUsd: 0.000_15 });
    await expect(model.generate(ask('b'))).rejects.toMatchObject({ code: 'HONE_BUDGET_EXHAUSTED' });
    expect(ledger.spentUsd).toBeCloseTo(0.000_15, 10);
  });

  test('the observer sees every call, stored or not', async () => {
    const seen: ObservedCall[] = [];
    const model = callPath(scriptedModel({ replies: ['x'], failures: [undefined, new Error('odd')] }), {
      log: memoryLog(),
      observe: (call) => seen.push(call),
      clock: fakeClock(),
    });
    await model.generate(ask('a'), { draw: '7' });
    await model.generate(ask('a'), { draw: '7' });
    await model.generate(ask('b')).catch(() => undefined);
    expect(seen.map(({ draw, result }) => [draw, result.status])).toEqual([
      ['7', 'answered'],
      ['7', 'answered'],
      ['0', 'failed'],
    ]);
  });

  test('answers get a price, the user’s before all others, and stay without one where none is known', async () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 0 };
    const costOf = async (id: string, price?: { input: number; output: number }) => {
      const source = { ...scriptedModel({ id, replies: ['x'], usage }), price: undefined };
      return (await callPath(source, { price, clock: fakeClock() }).generate(ask('a'))).costUsd;
    };
    expect(await costOf('openai/gpt-4o')).toBeCloseTo(2.5);
    expect(await costOf('openai/gpt-4o', { input: 1, output: 1 })).toBe(1);
    expect(await costOf('acme/one')).toBeUndefined();
    expect(await costOf('local/mine')).toBe(0);
  });
});

describe('a path around a path', () => {
  test('is one path: nothing is stored, tried or counted twice', async () => {
    const log = memoryLog();
    const keys: string[] = [];
    const counting: AnswerLog = {
      read: (key) => {
        keys.push(key);
        return log.read(key);
      },
      write: log.write,
    };
    const source = scriptedModel({ replies: ['x'] });
    const once = callPath(source, { log: counting, clock: fakeClock() });
    const twice = callPath(once, { log: memoryLog(), cache: 'off', clock: fakeClock() });
    await twice.generate(ask('a'));
    expect(keys).toHaveLength(1);
  });

  test('adds its own spend limit to the one that is there', async () => {
    const [run, step] = [createSpendLedger({ limitUsd: 1 }), createSpendLedger({ limitUsd: 0.000_05 })];
    const price = { input: 0, output: 1 };
    const source = scriptedModel({ respond: () => ({ text: 'x', costUsd: 0.000_01 }), price });
    const outer = callPath(callPath(source, { ledger: run, clock: fakeClock() }), { ledger: step });
    await expect(outer.generate(ask('a'))).rejects.toMatchObject({ code: 'HONE_BUDGET_EXHAUSTED' });
    await outer.generate({ ...ask('a'), maxOutputTokens: 10 });
    expect([run.spentUsd, step.spentUsd]).toEqual([0.000_01, 0.000_01]);
  });
});

test('a model in this process is not hurried, tried again or held back', async () => {
  const clock = fakeClock();
  const failure = new Error('odd');
  const source = {
    ...scriptedModel({ replies: ['x'], latencyMs: 1e6, clock, failures: [failure] }),
    inProcess: true,
  };
  const model = callPath(source, { clock, concurrency: 1 });
  const calls = Promise.allSettled([model.generate(ask('a')), model.generate(ask('b'))]);
  await clock.advance(1e6);
  expect(await calls).toMatchObject([{ status: 'rejected', reason: failure }, { status: 'fulfilled' }]);
});
