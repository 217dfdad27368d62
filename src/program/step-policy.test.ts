import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { signature } from '../signature/shorthand.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { program } from './custom-program.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { withPolicy } from './step-policy.ts';

const mood = predict(signature('text -> mood: "good" | "bad"'), { name: 'mood' });
const row = { text: 'x' };
const replying = (replies: readonly string[]) => scriptedModel({ replies });
const never = scriptedModel({ respond: () => new Promise<string>(() => {}) });

describe('an answer that cannot be read', () => {
  test('fails the row, unless the policy has an answer for it, which the trace shows with the reason', async () => {
    expect(await withPolicy(mood, {}).forward(row, { model: replying(['?']) })).toMatchObject({
      status: 'failed',
    });
    const safe = withPolicy(mood, { onUnreadable: { use: { mood: 'bad' } } });
    expect(await safe.forward(row, { model: replying(['?']) })).toMatchObject({
      status: 'completed',
      outputs: { mood: 'bad' },
      trace: [
        { id: 'mood' },
        {
          kind: 'tool',
          name: 'policy',
          arguments: { program: 'mood', trouble: 'unreadable' },
          result: { mood: 'bad' },
        },
      ],
    });
  });

  test('is asked for again with draws of its own, then by another program', async () => {
    const large = predict(signature('text -> mood: "good" | "bad"'), { name: 'large', models: ['large'] });
    const safe = withPolicy(mood, { onUnreadable: { again: 2, otherwise: { ask: large } } });
    const small = replying(['?']);
    const prediction = await safe.forward(row, {
      models: { task: small, large: replying(['good']) },
      draw: '3',
    });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { mood: 'good' } });
    expect([...new Set(small.calls.map(({ draw }) => draw))]).toEqual(['3', '3/again-1', '3/again-2']);
    expect(prediction.trace.map(({ id }) => id)).toEqual([
      'mood',
      'policy',
      'mood#2',
      'policy#2',
      'mood#3',
      'policy#3',
      'large',
    ]);
    expect(safe.calls(safe.seed)).toEqual({ typical: 1, most: 8 });
    expect(Object.keys(safe.seed)).toContain('large.instructions');
  });

  test('in the second of two steps is asked for again from the first on', async () => {
    const query = predict(signature('text -> query'), { name: 'query' });
    const both = pipeline([query, predict(signature('query -> mood: "good" | "bad"'), { name: 'mood' })]);
    const model = scriptedModel({ respond: (_, { draw }) => (draw.includes('again') ? 'good' : 'hm') });
    const prediction = await withPolicy(both, { onUnreadable: { again: 1 } }).forward(row, { model });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { mood: 'good' } });
  });
});

describe('a time-out', () => {
  test('ends a run whose model does not heed the abort, as a fault that may be tried again', async () => {
    const clock = fakeClock();
    const timed = withPolicy(mood, { timeoutMs: 500, clock }).forward(row, { model: never });
    const refused = expect(timed).rejects.toMatchObject({
      code: 'HONE_MODEL_TIMEOUT',
      facts: { retryable: true },
    });
    await clock.advance(500);
    await refused;
  });

  test('can be a failure of the row, or have another answer', async () => {
    const clock = fakeClock();
    const failed = withPolicy(mood, { timeoutMs: 500, clock, onTimeout: 'fail' }).forward(row, {
      model: never,
    });
    const answered = withPolicy(mood, { timeoutMs: 500, clock, onTimeout: { use: { mood: 'good' } } }).run(
      row,
      {
        model: never,
      },
    );
    await clock.advance(500);
    expect(await failed).toMatchObject({
      status: 'failed',
      reason: '"mood" took longer than 500 milliseconds.',
    });
    expect(await answered).toEqual({ mood: 'good' });
  });

  test('leaves nothing waiting behind when the answer came in time, and is no excuse for an abort', async () => {
    const clock = fakeClock();
    await withPolicy(mood, { timeoutMs: 500, clock }).run(row, { model: replying(['good']) });
    expect(clock.sleepers).toBe(0);
    const controller = new AbortController();
    const aborted = withPolicy(mood, { timeoutMs: 500, clock, onTimeout: { use: { mood: 'good' } } }).forward(
      row,
      {
        model: never,
        signal: controller.signal,
      },
    );
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
  });
});

describe('a prompt that is too long', () => {
  const overflow = () => new HoneError('too long', { code: 'HONE_MODEL_CONTEXT_OVERFLOW' });
  const limited = scriptedModel({
    respond: ({ messages }) => {
      if (String(messages.at(-1)?.content).length > 20) throw overflow();
      return 'good';
    },
  });

  test('is asked again with what a function leaves of the inputs', async () => {
    const shorter = withPolicy(mood, {
      onOverflow: {
        shorten: ({ text }) => ({ text: text.slice(0, text.length / 2) }),
        times: 3,
        otherwise: 'fail',
      },
    });
    const prediction = await shorter.forward({ text: 'x'.repeat(40) }, { model: limited });
    expect(prediction).toMatchObject({ status: 'completed', outputs: { mood: 'good' } });
    expect(prediction.trace.filter(({ kind }) => kind === 'tool')).toHaveLength(2);
    expect(await shorter.forward({ text: 'x'.repeat(4_000) }, { model: limited })).toMatchObject({
      status: 'failed',
      reason: 'too long',
    });
    await expect(
      withPolicy(mood, {}).forward({ text: 'x'.repeat(40) }, { model: limited }),
    ).rejects.toMatchObject({
      code: 'HONE_MODEL_CONTEXT_OVERFLOW',
    });
  });
});

describe('code that throws', () => {
  const calling = (tool: () => string) =>
    program('calling', { signature: signature('text -> mood'), steps: { mood } }, async ({ tool: call }) => ({
      mood: await call('weather', {}, tool),
    }));

  test('fails the row, or is called again, or has another answer', async () => {
    let calls = 0;
    const shaky = calling(() => {
      calls += 1;
      if (calls < 3) throw new Error('rain');
      return 'sun';
    });
    expect(await withPolicy(shaky, {}).forward(row)).toMatchObject({ status: 'failed', reason: 'rain' });
    expect(await withPolicy(shaky, { onError: { again: 1 } }).forward(row)).toMatchObject({
      outputs: { mood: 'sun' },
    });
  });

  test('that says that a service is away stays a fault', async () => {
    const away = calling(() => {
      throw new HoneError('away', { code: 'HONE_SERVICE_UNAVAILABLE' });
    });
    const policy = { onError: { use: { mood: 'sun' } } };
    await expect(withPolicy(away, policy).forward(row)).rejects.toMatchObject({
      code: 'HONE_SERVICE_UNAVAILABLE',
    });
  });
});

test('numbers out of range are refused', () => {
  expect(() => withPolicy(mood, { timeoutMs: 0 })).toThrow(/`timeoutMs` is 0/);
  expect(() => withPolicy(mood, { onUnreadable: { again: 0 } })).toThrow(/`again` is 0/);
});
