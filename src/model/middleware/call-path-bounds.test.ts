import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import { type ScriptedModelOptions, scriptedModel } from '../../testing/scripted-model.ts';
import type { Model } from '../model.ts';
import type { AnswerLog } from './answer-cache.ts';
import { type CallPathOptions, callPath } from './call-path.ts';
import { createSpendLedger } from './spend-limit.ts';

const ask = (text: string) => ({
  messages: [{ role: 'user' as const, content: text }],
  maxOutputTokens: 100,
});
const rejection = () =>
  new HoneError('slow down', { code: 'HONE_MODEL_RATE_LIMITED', facts: { retryable: true } });

function memoryLog(): AnswerLog {
  const answers = new Map<string, string>();
  return {
    read: async (key) => answers.get(key),
    write: async ({ key, answer }) => void answers.set(key, answer),
  };
}

/** A model whose path runs on a clock of its own. */
function pathed(model: Partial<Model>, options: CallPathOptions = {}) {
  const clock = fakeClock();
  const source: Model = { ...scriptedModel({ replies: ['x'], price: { input: 0, output: 1 } }), ...model };
  return { clock, model: callPath(source, { clock, random: { next: () => 1 }, ...options }) };
}

/** What became of a call, and when. */
async function outcomeOf(call: Promise<unknown>, clock: FakeClock) {
  const thrown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { thrown, at: clock.monotonic() };
}

describe('the deadline', () => {
  test.each([
    { case: 'is under way and deaf', generate: () => new Promise<never>(() => undefined) },
    { case: 'waits to be tried again', generate: () => Promise.reject(rejection()) },
  ])('ends a call that $case', async ({ generate }) => {
    const { clock, model } = pathed({ generate }, { deadline: 6_000 });
    const outcome = outcomeOf(model.generate(ask('a')), clock);
    await clock.advance(6_000);
    expect(await outcome).toMatchObject({
      at: 6_000,
      thrown: { code: 'HONE_BUDGET_EXHAUSTED', facts: { limit: 'minutes', retryable: false } },
    });
    await expect(model.generate(ask('b'))).rejects.toMatchObject({ code: 'HONE_BUDGET_EXHAUSTED' });
    expect(clock.sleepers).toBe(0);
  });

  test('ends those who wait for a turn or for money', async () => {
    const generate = () => new Promise<never>(() => undefined);
    const waitsForTurn = pathed({ generate }, { deadline: 1_000, concurrency: 1 });
    const waitsForMoney = pathed({ generate }, { deadline: 1_000, usd: 0.000_15 });
    for (const { clock, model } of [waitsForTurn, waitsForMoney]) {
      const calls = [model.generate(ask('a')), model.generate(ask('b'))].map((call) =>
        outcomeOf(call, clock),
      );
      await clock.advance(1_000);
      for (const { thrown } of await Promise.all(calls)) {
        expect(thrown).toMatchObject({ code: 'HONE_BUDGET_EXHAUSTED', facts: { limit: 'minutes' } });
      }
    }
  });

  test('leaves no timer while nothing is under way, and what is stored can still be read', async () => {
    const log = memoryLog();
    const { clock, model } = pathed({}, { deadline: 1_000, log });
    await model.generate(ask('a'));
    expect(clock.sleepers).toBe(0);
    await clock.advance(2_000);
    await expect(model.generate(ask('a'))).resolves.toMatchObject({ text: 'x', cached: true });
    await expect(model.generate(ask('b'))).rejects.toMatchObject({ code: 'HONE_BUDGET_EXHAUSTED' });
  });

  test('the earlier of two holds, and a signal of the path ends its calls with its reason', async () => {
    const generate = () => new Promise<never>(() => undefined);
    const stop = new AbortController();
    const { clock, model } = pathed({ generate }, { deadline: 9_000 });
    const inner = callPath(model, { deadline: 2_000 });
    const stopped = callPath(model, { signal: stop.signal });
    const outcome = outcomeOf(inner.generate(ask('a')), clock);
    const other = outcomeOf(stopped.generate(ask('b')), clock);
    await clock.advance(1_000);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await other).toMatchObject({ at: 1_000, thrown: reason });
    await clock.advance(1_000);
    expect(await outcome).toMatchObject({ at: 2_000 });
  });

  test('of one path does not end the call that another path shares', async () => {
    const log = memoryLog();
    const clock = fakeClock();
    const source = scriptedModel({ replies: ['x'], latencyMs: 3_000, clock });
    const hurried = callPath(source, { clock, log, deadline: 1_000 }).generate(ask('a'));
    const patient = callPath(source, { clock, log }).generate(ask('a'));
    const outcome = outcomeOf(hurried, clock);
    await clock.advance(9_000);
    expect(await outcome).toMatchObject({ thrown: { code: 'HONE_BUDGET_EXHAUSTED' } });
    await expect(patient).resolves.toMatchObject({ text: 'x' });
  });
});

describe('a stop', () => {
  test.each([
    { case: 'a deaf call', model: { generate: () => new Promise<never>(() => undefined) } },
    {
      case: 'a deaf call in this process',
      model: { generate: () => new Promise<never>(() => undefined), inProcess: true },
    },
    { case: 'a wait', model: { generate: () => Promise.reject(rejection()) } },
  ])('ends $case at once', async ({ model }) => {
    const { clock, model: path } = pathed(model);
    const controller = new AbortController();
    const outcome = outcomeOf(path.generate(ask('a'), { signal: controller.signal }), clock);
    await clock.advance(300);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await outcome).toEqual({ at: 300, thrown: reason });
  });
});

describe('answers that break the contract', () => {
  const scored = (logProbabilities: readonly number[]): Partial<Model> => ({
    scoreChoices: async () => ({ logProbabilities, usage: {}, latencyMs: 1 }),
  });

  test.each([
    { case: 'NaN', scores: [Number.NaN, -1], inProcess: false },
    { case: 'minus infinity', scores: [-1, Number.NEGATIVE_INFINITY], inProcess: true },
    { case: 'too few', scores: [-1], inProcess: true },
    { case: 'too many', scores: [-1, -2, -3], inProcess: false },
  ])('$case as scores of choices is a fault of the model', async ({ scores, inProcess }) => {
    const { clock, model } = pathed({ ...scored(scores), inProcess });
    const outcome = outcomeOf(
      model.scoreChoices?.(ask('a'), ['yes', 'no']) ?? Promise.reject('no scores'),
      clock,
    );
    await clock.advance(60_000);
    expect((await outcome).thrown).toMatchObject({ code: 'HONE_MODEL_BAD_REPLY' });
  });

  test.each([
    { usage: { inputTokens: '12', outputTokens: null } },
    { usage: { inputTokens: Number.NaN, outputTokens: -4 } },
    { usage: undefined },
    { usage: 'many' },
  ])('usage $usage is unknown, and a dollar limit goes by its estimates', async ({ usage }) => {
    const ledger = createSpendLedger({ limitUsd: 0.000_25 });
    const generate = async () =>
      ({ text: 'x', finishReason: 'stop', usage, latencyMs: 1, costUsd: Number.NaN }) as never;
    const { model } = pathed({ generate }, { ledger });
    const answers = await Promise.allSettled(['a', 'b', 'c', 'd'].map((text) => model.generate(ask(text))));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(answers[0]).toMatchObject({ value: { costUsd: undefined } });
    expect(ledger.spentUsd).toBeCloseTo(0.000_2, 8);
    expect(ledger.reservedUsd).toBe(0);
  });

  test('an answer without a text is no answer', async () => {
    const generate = async () => ({ finishReason: 'stop', usage: {}, latencyMs: 1 }) as never;
    const { model } = pathed({ generate, inProcess: true });
    await expect(model.generate(ask('a'))).rejects.toMatchObject({ code: 'HONE_MODEL_BAD_REPLY' });
  });
});

test('a notice of an answer is told once a path, from stored answers too', async () => {
  const log = memoryLog();
  const notices: readonly string[] = ['Without temperature.'];
  const generate: Model['generate'] = async () => ({
    text: 'x',
    finishReason: 'stop',
    usage: {},
    latencyMs: 1,
    notices,
  });
  const told: string[] = [];
  const { model } = pathed({ generate }, { log, onNotice: (notice) => told.push(notice) });
  await Promise.all([model.generate(ask('a')), model.generate(ask('b'))]);
  expect(told).toEqual(notices);
  const again: string[] = [];
  const replay = pathed({ generate }, { log, cache: 'replay', onNotice: (notice) => again.push(notice) });
  await replay.model.generate(ask('a'));
  expect(again).toEqual(notices);
});

describe('money', () => {
  test.each([
    { case: 'refused', code: 'HONE_MODEL_REJECTED' as const, spent: 0 },
    { case: 'answered in junk twice more', code: 'HONE_MODEL_BAD_REPLY' as const, spent: 0.000_3 },
  ])('a call that was $case is charged $spent USD', async ({ code, spent }) => {
    const failures: ScriptedModelOptions['failures'] = Array.from(
      { length: 3 },
      () => new HoneError('junk', { code, facts: { retryable: code === 'HONE_MODEL_BAD_REPLY' } }),
    );
    const ledger = createSpendLedger({ limitUsd: 1 });
    const clock = fakeClock();
    const source = scriptedModel({ replies: ['x'], failures, price: { input: 0, output: 1 } });
    const model = callPath(source, { ledger, clock, retry: { retries: 2 } });
    const outcome = outcomeOf(model.generate(ask('a')), clock);
    await clock.advance(60_000);
    expect((await outcome).thrown).toMatchObject({ code });
    expect(ledger.spentUsd).toBeCloseTo(spent, 8);
  });

  test('a call that never had its turn costs nothing when it is stopped', async () => {
    const ledger = createSpendLedger({ limitUsd: 1 });
    const generate = () => new Promise<never>(() => undefined);
    const { clock, model } = pathed({ generate }, { ledger, concurrency: 1, deadline: 1_000 });
    const calls = [model.generate(ask('a')), model.generate(ask('b'))].map((call) => outcomeOf(call, clock));
    await clock.advance(1_000);
    await Promise.all(calls);
    expect(ledger.spentUsd).toBeCloseTo(0.000_1, 8);
  });

  test.each([Number.NaN, -1])('a limit of %s dollars is refused', (limitUsd) => {
    expect(() => createSpendLedger({ limitUsd })).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
    );
  });

  test('a request without a countable estimate is refused instead of waiting for ever', async () => {
    const { model } = pathed({}, { usd: 1, price: { input: Number.NaN, output: 1 } });
    await expect(model.generate(ask('a'))).rejects.toMatchObject({ code: 'HONE_OPTION_INVALID' });
  });
});
