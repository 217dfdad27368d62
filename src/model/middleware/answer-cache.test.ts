import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../testing/fake-clock.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { type AnswerLog, answerKey, withAnswerCache } from './answer-cache.ts';

const ask = (text: string) => ({ messages: [{ role: 'user' as const, content: text }] });

/** A log in memory that says in which order things happened to it. */
function memoryLog(): AnswerLog & { readonly answers: Map<string, string>; readonly events: string[] } {
  const answers = new Map<string, string>();
  const events: string[] = [];
  return {
    answers,
    events,
    async read(key) {
      return answers.get(key);
    },
    async write({ key, answer }) {
      events.push('write begins');
      await Promise.resolve();
      answers.set(key, answer);
      events.push('committed');
    },
  };
}

test('a stored answer is given again without a call, with its own tokens, cost and latency', async () => {
  const log = memoryLog();
  const source = scriptedModel({ replies: [{ text: 'Paris', costUsd: 0.01, latencyMs: 70 }] });
  const model = withAnswerCache({ log })(source);
  const first = await model.generate(ask('a'));
  const second = await model.generate(ask('a'));
  expect(first.cached).toBeUndefined();
  expect(second).toEqual({ ...first, cached: true });
  expect(source.callCount).toBe(1);
});

test('every answer names its request: new, stored and shared ones alike, another draw another name', async () => {
  const log = memoryLog();
  const source = scriptedModel({ replies: ['x'] });
  const model = withAnswerCache({ log })(source);
  const [made, shared] = await Promise.all([model.generate(ask('a')), model.generate(ask('a'))]);
  const stored = await model.generate(ask('a'));
  const other = await model.generate(ask('a'), { draw: '1' });
  const identity = { endpoint: source.endpoint, modelId: source.id, payload: ask('a') };
  const key = answerKey({ ...identity, kind: 'generate' });
  expect([made.key, shared.key, stored.key]).toEqual([key, key, key]);
  expect(other.key).toBe(answerKey({ ...identity, kind: 'generate', draw: '1' }));
  expect([...log.answers.values()].join()).not.toContain(key);
  const uncached = await withAnswerCache({ log, mode: 'off' })(source).generate(ask('a'));
  expect(uncached.key).toBeUndefined();
});

test('an answer is committed before it is handed on', async () => {
  const log = memoryLog();
  const model = withAnswerCache({ log })(scriptedModel({ replies: ['x'] }));
  await model.generate(ask('a')).then(() => log.events.push('handed on'));
  expect(log.events).toEqual(['write begins', 'committed', 'handed on']);
});

test('a failure is not stored', async () => {
  const log = memoryLog();
  const model = withAnswerCache({ log })(scriptedModel({ replies: ['x'], failures: [new Error('down')] }));
  await expect(model.generate(ask('a'))).rejects.toThrow('down');
  await expect(model.generate(ask('a'))).resolves.toMatchObject({ text: 'x' });
});

describe('the modes', () => {
  test.each([
    { mode: 'on', calls: 1, stored: 1 },
    { mode: 'read', calls: 2, stored: 0 },
    { mode: 'off', calls: 2, stored: 0 },
  ] as const)(
    '$mode asks $calls times for two equal requests and stores $stored',
    async ({ mode, calls, stored }) => {
      const log = memoryLog();
      const source = scriptedModel({ replies: ['x'] });
      const model = withAnswerCache({ log, mode })(source);
      await model.generate(ask('a'));
      await model.generate(ask('a'));
      expect(source.callCount).toBe(calls);
      expect(log.answers.size).toBe(stored);
    },
  );

  test('off does not read what is stored, read does', async () => {
    const log = memoryLog();
    const source = scriptedModel({ replies: ['old', 'new'] });
    await withAnswerCache({ log })(source).generate(ask('a'));
    await expect(withAnswerCache({ log, mode: 'read' })(source).generate(ask('a'))).resolves.toMatchObject({
      text: 'old',
    });
    await expect(withAnswerCache({ log, mode: 'off' })(source).generate(ask('a'))).resolves.toMatchObject({
      text: 'new',
    });
  });

  test('replay never asks, and names the request whose answer is missing', async () => {
    const source = scriptedModel({ replies: ['x'] });
    const model = withAnswerCache({ log: memoryLog(), mode: 'replay' })(source);
    await expect(model.generate(ask('Where is it?'))).rejects.toMatchObject({
      code: 'HONE_ANSWER_MISSING',
      message: expect.stringContaining('Where is it?'),
    });
    expect(source.callCount).toBe(0);
  });
});

describe('identical calls at one time', () => {
  function stalled() {
    const clock = fakeClock();
    const log = memoryLog();
    const source = scriptedModel({ respond: () => 'x', latencyMs: 100, clock });
    return { clock, log, source, model: withAnswerCache({ log })(source) };
  }

  test('share one call; those who joined it paid nothing', async () => {
    const { clock, log, source } = stalled();
    const paths = [withAnswerCache({ log })(source), withAnswerCache({ log })(source)];
    const answers = Promise.all([0, 1, 2].map((index) => paths[index % 2]?.generate(ask('a'))));
    await clock.advance(100);
    expect((await answers).map((answer) => answer?.cached ?? false)).toEqual([false, true, true]);
    expect(source.callCount).toBe(1);
  });

  test('one may leave without ending the call for the other', async () => {
    const { clock, model } = stalled();
    const leaver = new AbortController();
    const left = model.generate(ask('a'), { signal: leaver.signal });
    const stayed = model.generate(ask('a'), { signal: new AbortController().signal });
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await clock.advance(100);
    await expect(stayed).resolves.toMatchObject({ text: 'x' });
  });

  test('a caller who cannot leave keeps the call when another one leaves', async () => {
    const { clock, model } = stalled();
    const stayed = model.generate(ask('a'));
    const leaver = new AbortController();
    const left = model.generate(ask('a'), { signal: leaver.signal });
    await clock.advance(10);
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await clock.advance(100);
    await expect(stayed).resolves.toMatchObject({ text: 'x' });
  });

  test('the call ends when all have left, and the next caller starts anew', async () => {
    const { clock, source, model } = stalled();
    const leaver = new AbortController();
    const calls = [0, 1].map(() => model.generate(ask('a'), { signal: leaver.signal }));
    await clock.advance(10);
    leaver.abort(new Error('left'));
    await Promise.allSettled(calls);
    expect(clock.sleepers).toBe(0);
    const next = model.generate(ask('a'));
    await clock.advance(100);
    await expect(next).resolves.toMatchObject({ text: 'x' });
    expect(source.callCount).toBe(2);
  });
});

describe('the key', () => {
  const base = {
    endpoint: 'http://a/v1',
    modelId: 'm',
    kind: 'generate' as const,
    payload: { b: 1, a: [2, { d: 3, c: 4 }] },
  };

  test('does not depend on the order of keys, nor on absent ones', () => {
    expect(answerKey({ ...base, payload: { a: [2, { c: 4, d: 3 }], b: 1, e: undefined } })).toBe(
      answerKey(base),
    );
    expect(answerKey({ ...base, draw: '0' })).toBe(answerKey(base));
  });

  test.each([
    { part: 'endpoint', other: { endpoint: 'http://b/v1' } },
    { part: 'model', other: { modelId: 'n' } },
    { part: 'kind', other: { kind: 'score-choices' as const } },
    { part: 'request', other: { payload: { b: 2, a: [2, { d: 3, c: 4 }] } } },
    { part: 'draw', other: { draw: '1' } },
  ])('depends on the $part', ({ other }) => {
    expect(answerKey({ ...base, ...other })).not.toBe(answerKey(base));
  });

  test('stays the same between versions of Hone, so that stored answers stay readable', () => {
    expect(answerKey(base)).toMatchInlineSnapshot(
      `"872f23651ae51a2eabe247890eb832d6e6267aa35ff2ac5bf44e08c7bbc65f35"`,
    );
  });
});

test('choice scores are stored too, apart from texts', async () => {
  const log = memoryLog();
  const source = scriptedModel({ replies: ['x'], scoreChoices: () => [-1, -2] });
  const model = withAnswerCache({ log })(source);
  await model.scoreChoices?.(ask('a'), ['x', 'y']);
  await expect(model.scoreChoices?.(ask('a'), ['x', 'y'])).resolves.toMatchObject({
    logProbabilities: [-1, -2],
    cached: true,
  });
  await expect(model.generate(ask('a'))).resolves.toMatchObject({ text: 'x' });
  expect(source.callCount).toBe(2);
});

test('a stream is stored, and given again in one piece', async () => {
  const source = scriptedModel({ replies: ['Paris of course'] });
  const model = withAnswerCache({ log: memoryLog() })(source);
  const texts: string[][] = [];
  for (const _ of [1, 2]) {
    const pieces: string[] = [];
    for await (const delta of model.stream?.(ask('a')) ?? []) {
      if (delta.type === 'text-delta') pieces.push(delta.text);
    }
    texts.push(pieces);
  }
  expect(texts).toEqual([['Paris ', 'of ', 'course'], ['Paris of course']]);
  expect(source.callCount).toBe(1);
});

test('a stored answer that is no JSON is reported, not used', async () => {
  const log = memoryLog();
  const source = scriptedModel({ replies: ['x'] });
  await withAnswerCache({ log })(source).generate(ask('a'));
  for (const key of log.answers.keys()) log.answers.set(key, '{"text":');
  await expect(withAnswerCache({ log })(source).generate(ask('a'))).rejects.toMatchObject({
    code: 'HONE_STORE_CORRUPTED',
  });
});
