import { expect, test } from 'vitest';
import type { CallRecord } from '../model/model.ts';
import { usageOf } from './row-usage.ts';

const call: CallRecord = { usage: { inputTokens: 10, outputTokens: 2 }, costUsd: 0.5, latencyMs: 7 };
const asTask = (record?: CallRecord) => ({ role: 'task', modelId: 'm', record });

test('the usage of a row is the sum of what its calls took, cached ones not paid again', () => {
  const key = 'a'.repeat(64);
  const judge = { role: 'judge', modelId: 'j', record: { ...call, retries: 2, key } };
  expect(usageOf([asTask(call), asTask({ ...call, cached: true }), judge])).toEqual({
    calls: 3,
    failedCalls: 0,
    cachedCalls: 1,
    inputTokens: 30,
    cachedInputTokens: undefined,
    outputTokens: 6,
    costUsd: 1.5,
    spentUsd: 1,
    latencyMs: 21,
    retries: 2,
    requests: [
      { role: 'task', costUsd: 0.5, latencyMs: 7, tokens: 12 },
      { role: 'task', costUsd: 0.5, latencyMs: 7, tokens: 12 },
      { role: 'judge', costUsd: 0.5, latencyMs: 7, tokens: 12, key: 'a'.repeat(16) },
    ],
  });
});

test('a sum with an unknown part is unknown, and a call that failed is counted apart', () => {
  const usage = usageOf([asTask(call), asTask({ usage: { inputTokens: 1 }, latencyMs: 1 }), asTask()]);
  expect(usage).toMatchObject({
    calls: 2,
    failedCalls: 1,
    inputTokens: 11,
    requests: [{}, { role: 'task' }],
  });
  expect([usage.outputTokens, usage.costUsd, usage.spentUsd]).toEqual([undefined, undefined, undefined]);
});
