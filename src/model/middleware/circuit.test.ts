import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../base/error-codes.ts';
import { HoneError } from '../../base/errors.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import type { Model, ModelRequest } from '../model.ts';
import { callPath } from './call-path.ts';

const ask = (text: string): ModelRequest => ({ messages: [{ role: 'user', content: text }] });
const fault = (code: ErrorCode, facts: HoneError['facts'] = {}) =>
  new HoneError(`fault ${code}`, { code, facts: { retryable: true, ...facts } });

/** A provider that does what `behave` says, with eight rows at a time in one path. */
function provider(behave: (request: ModelRequest, count: number) => Promise<string>) {
  const clock = fakeClock();
  let count = 0;
  const source: Model = {
    ...scriptedModel({ replies: ['x'] }),
    generate: async (request) => {
      count += 1;
      const text = await behave(request, count);
      return { text, finishReason: 'stop', usage: {}, latencyMs: 1 };
    },
  };
  const open = () => callPath(source, { clock, concurrency: 8, random: { next: () => 0.5 } });
  const model = open();
  /** Asks rows as a run does: eight at a time, the next when one is done. */
  const rows = async (total: number) => {
    const outcomes: unknown[] = [];
    let next = 0;
    const worker = async () => {
      while (next < total) {
        const row = next++;
        outcomes[row] = await model.generate(ask(`row ${row}`)).then(
          ({ text }) => text,
          (thrown: unknown) => thrown,
        );
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return { outcomes, endedAt: clock.monotonic() };
  };
  return { clock, model, open, rows, count: () => count };
}

const isGone = (thrown: unknown) => HoneError.isInstance(thrown) && thrown.facts.providerGone === true;

describe('a provider that answers nobody', () => {
  test.each([
    { case: 'rejects everything', code: 'HONE_MODEL_RATE_LIMITED', requests: 50, ms: 150_000 },
    { case: 'is not there', code: 'HONE_MODEL_UNREACHABLE', requests: 42, ms: 10_000 },
    { case: 'fails always', code: 'HONE_MODEL_SERVER', requests: 42, ms: 10_000 },
  ] as const)('and $case ends 120 rows after few requests', async ({ code, requests, ms }) => {
    const { clock, rows, count } = provider(() => Promise.reject(fault(code)));
    const run = rows(120);
    await clock.advance(600_000);
    const { outcomes, endedAt } = await run;
    expect(outcomes.every((thrown) => HoneError.isInstance(thrown) && thrown.code === code)).toBe(true);
    expect(outcomes.filter(isGone).length).toBeGreaterThan(112);
    expect(count()).toBeLessThan(requests);
    expect(endedAt).toBeLessThan(ms);
    expect(clock.sleepers).toBe(0);
  });

  test.each([
    { case: 'a refused key', thrown: fault('HONE_MODEL_AUTHENTICATION', { retryable: false }), requests: 12 },
    { case: 'an empty account', thrown: fault('HONE_MODEL_RATE_LIMITED', { retryable: false }), requests: 9 },
    {
      case: 'a limit of a day',
      thrown: fault('HONE_MODEL_RATE_LIMITED', { retryAfterMs: 86_400_000 }),
      requests: 9,
    },
  ])('because of $case ends 100 rows at once', async ({ thrown, requests }) => {
    const { clock, rows, count } = provider(async () => {
      await clock.sleep(10);
      throw thrown;
    });
    const run = rows(100);
    await clock.advance(1_000);
    const { outcomes, endedAt } = await run;
    expect(count()).toBeLessThan(requests);
    expect(endedAt).toBeLessThan(100);
    expect(isGone(outcomes[99])).toBe(true);
  });

  test('and says nothing at all is given up after one time-out of each', async () => {
    const { clock, rows, count } = provider(() => new Promise<never>(() => undefined));
    const run = rows(100);
    await clock.advance(600_000);
    const { outcomes, endedAt } = await run;
    expect(outcomes.every(isGone)).toBe(true);
    expect(count()).toBe(8);
    expect(endedAt).toBe(120_000);
  });
});

test('one request that never answers does not hold the others, and is lost after three minutes', async () => {
  const { clock, rows } = provider(async ({ messages }) => {
    if (messages[0]?.content === 'row 3') return new Promise<never>(() => undefined);
    await clock.sleep(100);
    return 'x';
  });
  const run = rows(50);
  await clock.advance(600_000);
  const { outcomes, endedAt } = await run;
  expect(outcomes.filter((outcome) => outcome === 'x')).toHaveLength(49);
  expect(outcomes[3]).toMatchObject({ code: 'HONE_MODEL_TIMEOUT', facts: { retries: 2 } });
  expect(isGone(outcomes[3])).toBe(false);
  expect(endedAt).toBeLessThan(182_000);
});

test('one row that the server cannot bear is lost alone', async () => {
  const { clock, rows } = provider(async ({ messages }) => {
    await clock.sleep(10);
    if (messages[0]?.content === 'row 3') throw fault('HONE_MODEL_SERVER');
    return 'x';
  });
  const run = rows(20);
  await clock.advance(60_000);
  const { outcomes } = await run;
  expect(outcomes.filter((outcome) => outcome === 'x')).toHaveLength(19);
  expect(isGone(outcomes[3])).toBe(false);
});

test('requests that are refused for what they say show that the provider is there', async () => {
  const { clock, rows, count } = provider(() =>
    Promise.reject(fault('HONE_MODEL_REJECTED', { retryable: false })),
  );
  const { outcomes } = await rows(50);
  expect(count()).toBe(50);
  expect(outcomes.some(isGone)).toBe(false);
  expect(clock.sleepers).toBe(0);
});

test('a limit of a minute is outlasted by every row', async () => {
  const { clock, rows } = provider(async () => {
    if (clock.monotonic() < 60_000) throw fault('HONE_MODEL_RATE_LIMITED');
    return 'x';
  });
  const run = rows(40);
  await clock.advance(600_000);
  const { outcomes } = await run;
  expect(outcomes.filter((outcome) => outcome === 'x')).toHaveLength(40);
});

test('an answer takes it back, one call may try after a while, and a new path asks at once', async () => {
  let isDown = true;
  const { clock, model, open, rows, count } = provider(async () => {
    if (isDown) throw fault('HONE_MODEL_UNREACHABLE');
    return 'x';
  });
  const down = rows(20);
  await clock.advance(20_000);
  await down;
  const before = count();
  await expect(model.generate(ask('b'))).rejects.toSatisfy(isGone);
  expect(count()).toBe(before);
  await clock.advance(40_000);
  // The one that tries fails, so the next must wait again.
  await expect(model.generate(ask('c'))).rejects.toSatisfy(isGone);
  await expect(model.generate(ask('d'))).rejects.toSatisfy(isGone);
  expect(count()).toBe(before + 1);
  isDown = false;
  await expect(model.generate(ask('e'))).rejects.toSatisfy(isGone);
  await expect(open().generate(ask('f'))).resolves.toMatchObject({ text: 'x' });
  await expect(model.generate(ask('g'))).resolves.toMatchObject({ text: 'x' });
});

test('who waits for a turn or for another try fails with the others', async () => {
  const { clock, open } = provider(() =>
    Promise.reject(fault('HONE_MODEL_RATE_LIMITED', { retryAfterMs: clock.monotonic() < 50 ? 30_000 : 9e9 })),
  );
  const model = open();
  const first = model.generate(ask('a')).catch((thrown: unknown) => thrown);
  await clock.advance(100);
  const others = Array.from({ length: 12 }, (_, index) =>
    model.generate(ask(`b${index}`)).catch((thrown: unknown) => thrown),
  );
  await clock.advance(31_000);
  const thrown = await Promise.all([first, ...others]);
  expect(thrown.every(isGone)).toBe(true);
  expect(clock.monotonic()).toBe(31_100);
});

describe('rows that are refused for ever for what they say', () => {
  test.each([
    { share: 0.05, code: 'HONE_MODEL_SERVER' },
    { share: 0.5, code: 'HONE_MODEL_SERVER' },
    { share: 0.8, code: 'HONE_MODEL_SERVER' },
    { share: 0.05, code: 'HONE_MODEL_RATE_LIMITED' },
    { share: 0.5, code: 'HONE_MODEL_RATE_LIMITED' },
    { share: 0.8, code: 'HONE_MODEL_RATE_LIMITED' },
    { share: 0.8, code: 'HONE_MODEL_TIMEOUT' },
  ] as const)('are lost alone: $share of the rows with $code', async ({ share, code }) => {
    const total = 100;
    // All of them follow each other, at the end: nothing is answered between.
    const isRefused = (text: string) => Number(text.slice(4)) >= total * (1 - share);
    const { clock, rows } = provider(async ({ messages }) => {
      await clock.sleep(10);
      const [message] = messages;
      if (typeof message?.content === 'string' && isRefused(message.content)) throw fault(code);
      return 'x';
    });
    const run = rows(total);
    await clock.advance(20_000_000);
    const { outcomes } = await run;
    expect(outcomes.filter((outcome) => outcome === 'x')).toHaveLength(Math.round(total * (1 - share)));
    expect(outcomes.filter(isGone)).toEqual([]);
  });

  test('are told from a provider that went away by asking again what it has answered', async () => {
    let isDown = false;
    const { clock, rows, count } = provider(async (_, index) => {
      await clock.sleep(10);
      isDown ||= index > 20;
      if (isDown) throw fault('HONE_MODEL_UNREACHABLE');
      return 'x';
    });
    const run = rows(120);
    await clock.advance(600_000);
    const { outcomes, endedAt } = await run;
    expect(outcomes.filter((outcome) => outcome === 'x')).toHaveLength(20);
    expect(outcomes.filter(isGone).length).toBeGreaterThan(90);
    expect(count()).toBeLessThan(20 + 8 * 5 + 8);
    expect(endedAt).toBeLessThan(20_000);
  });

  test('are lost alone in the next process too, which knows from the stored answers what is answered', async () => {
    const stored = new Map<string, string>();
    const log = {
      read: async (key: string) => stored.get(key),
      write: async ({ key, answer }: { key: string; answer: string }) => void stored.set(key, answer),
    };
    const clock = fakeClock();
    const source: Model = {
      ...scriptedModel({ replies: ['x'] }),
      generate: async ({ messages }) => {
        if (messages[0]?.content !== 'good') throw fault('HONE_MODEL_RATE_LIMITED');
        return { text: 'x', finishReason: 'stop', usage: {}, latencyMs: 1 };
      },
    };
    const open = () => callPath(source, { clock, log, concurrency: 8, random: { next: () => 0.5 } });
    await open().generate(ask('good'));
    const model = open();
    await model.generate(ask('good'));
    const asked = Promise.allSettled(
      Array.from({ length: 20 }, (_, row) => model.generate(ask(`bad ${row}`))),
    );
    await clock.advance(20_000_000);
    for (const row of await asked) {
      expect(row).toMatchObject({ status: 'rejected', reason: { code: 'HONE_MODEL_RATE_LIMITED' } });
      expect(isGone((row as PromiseRejectedResult).reason)).toBe(false);
    }
  });
});
