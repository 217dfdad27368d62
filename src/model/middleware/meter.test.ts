import { expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import type { ModelRequest, Usage } from '../model.ts';
import { createMeter } from './meter.ts';

const request: ModelRequest = { messages: [{ role: 'user', content: 'Hello?' }] };

test('every call is counted once, by its role, also one that fails', async () => {
  const meter = createMeter();
  const fault = new HoneError('Down.', { code: 'HONE_MODEL_SERVER' });
  const task = meter.wrap(scriptedModel({ replies: ['a', 'b'], failures: [undefined, fault] }), 'task');
  const judge = meter.wrap(scriptedModel({ replies: ['good'], id: 'scripted/judge' }), 'judge');
  await task.generate(request);
  await expect(task.generate(request)).rejects.toBe(fault);
  await judge.generate(request);
  expect(meter.calls).toMatchObject([
    { role: 'task', record: { latencyMs: 0 } },
    { role: 'task', thrown: fault },
    { role: 'judge', modelId: 'scripted/judge' },
  ]);
  expect(meter.calls[1]).not.toHaveProperty('record');
});

test('calls stand in the order of asking, and one that nobody waits for is counted when it has ended', async () => {
  const meter = createMeter();
  let answerFirst = () => {};
  const first = new Promise<void>((resolve) => {
    answerFirst = resolve;
  });
  const model = meter.wrap(
    scriptedModel({
      respond: async ({ messages }) => {
        if (messages[0]?.content === 'slow') await first;
        return { text: 'x', latencyMs: messages[0]?.content === 'slow' ? 9 : 1 };
      },
    }),
    'task',
  );
  void model.generate({ messages: [{ role: 'user', content: 'slow' }] });
  await model.generate(request);
  expect(meter.calls.map(({ record }) => record?.latencyMs)).toEqual([1]);
  answerFirst();
  await meter.settled();
  expect(meter.calls.map(({ record }) => record?.latencyMs)).toEqual([9, 1]);
});

test('a stream is one call', async () => {
  const meter = createMeter();
  const model = meter.wrap(scriptedModel({ replies: ['a b c'] }), 'task');
  for await (const _ of model.stream?.(request) ?? []) void _;
  expect(meter.calls).toHaveLength(1);
});

test.each([
  ['text', '100'],
  ['null', null],
  ['NaN', Number.NaN],
  ['below zero', -1],
])('a figure that is %s is unknown', async (_, figure) => {
  const usage = { inputTokens: figure, outputTokens: 3 } as unknown as Usage;
  const meter = createMeter();
  const costUsd = figure as number;
  await meter.wrap(scriptedModel({ replies: [{ text: 'x', usage, costUsd }] }), 'task').generate(request);
  expect(meter.calls[0]?.record).toMatchObject({ usage: { outputTokens: 3 } });
  expect(meter.calls[0]?.record?.usage.inputTokens).toBeUndefined();
  expect(meter.calls[0]?.record?.costUsd).toBeUndefined();
});
