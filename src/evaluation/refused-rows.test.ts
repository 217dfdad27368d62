import { describe, expect, test } from 'vitest';
import type { Example } from '../dataset/dataset.ts';
import { callPath } from '../model/middleware/call-path.ts';
import { createRateLimiters } from '../model/middleware/rate-limit.ts';
import { openaiCompatible } from '../model/provider/openai-compatible.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import { chatCompletion, type LoopbackReply, openLoopbackServer } from '../testing/loopback-server.ts';
import { evaluate } from './evaluate.ts';

const total = 60;
const rows: readonly Example[] = Array.from({ length: total }, (_, row) => ({
  id: `row-${row}`,
  inputs: { ticket: `ticket number ${row}.` },
  expected: { queue: 'billing' },
}));
const program = predict(signature("ticket -> queue: 'billing' | 'refunds'"));
const good: LoopbackReply = { body: chatCompletion('billing') };
const refusals: Readonly<Record<number, LoopbackReply>> = {
  400: { status: 400, body: { error: { message: 'The input is not accepted.' } } },
  500: { status: 500, body: { error: { message: 'The server had an error.' } } },
};

/** An evaluation against a server that answers each row, by its number and the number of the request. */
async function evaluateOn(answer: (row: number, request: number) => LoopbackReply) {
  const server = await openLoopbackServer(({ body }, request) => {
    const row = Number(/number (\d+)\./.exec(JSON.stringify(body))?.[1]);
    return answer(row, request);
  });
  const store = await openMemoryStore();
  const open = () => {
    const model = callPath(openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl }), {
      // Waits of milliseconds: what is decided here does not depend on their length.
      retry: { baseDelayMs: 1, maxDelayMs: 2 },
      limiters: createRateLimiters({ concurrency: 8 }),
    });
    return evaluate({ program, dataset: rows, scorer: exactMatch('queue'), model, store });
  };
  return {
    open,
    server,
    async [Symbol.asyncDispose]() {
      await server.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe('rows that a server refuses for ever for what they say', () => {
  test.each([
    { share: 0.05, status: 400 },
    { share: 0.5, status: 400 },
    { share: 0.8, status: 400 },
    { share: 0.05, status: 500 },
    { share: 0.5, status: 500 },
    { share: 0.8, status: 500 },
  ])(
    'are reported as lost, and the others scored: $share of them with $status',
    async ({ share, status }) => {
      const refused = Math.round(total * share);
      await using trial = await evaluateOn((row) =>
        row >= total - refused ? (refusals[status] ?? good) : good,
      );
      const evaluation = await trial.open().result();
      expect(evaluation.summaries[0]).toMatchObject({
        scored: total - refused,
        infrastructureErrors: refused,
        mean: 1,
      });
      // Not for ever: the same command comes to the same result, its first rows read from the store.
      const again = await trial.open().result();
      expect(again.summaries[0]).toMatchObject({ scored: total - refused, infrastructureErrors: refused });
    },
  );
});

test('a server that is gone after 20 requests interrupts at once, and the rest is asked the next time', async () => {
  let isDown = true;
  await using trial = await evaluateOn((_, request) =>
    isDown && request >= 20 ? (refusals[500] ?? good) : good,
  );
  await expect(trial.open().result()).rejects.toMatchObject({
    code: 'HONE_MODEL_SERVER',
    facts: { interrupted: true },
  });
  // Eight rows at once and three that follow lost ones, with five tries each, and one request asked again.
  expect(trial.server.count).toBeLessThanOrEqual(20 + 11 * 5 + 1);
  isDown = false;
  const evaluation = await trial.open().result();
  expect(evaluation.summaries[0]).toMatchObject({ scored: total, infrastructureErrors: 0 });
});

test('a server that is gone from the start interrupts after a few rows', async () => {
  await using trial = await evaluateOn(() => refusals[500] ?? good);
  await expect(trial.open().result()).rejects.toMatchObject({
    code: 'HONE_MODEL_SERVER',
    facts: { interrupted: true },
  });
  expect(trial.server.count).toBeLessThan(50);
});

test('a server that fails a while and comes back answers every row', async () => {
  await using trial = await evaluateOn((_, request) =>
    request >= 20 && request < 36 ? (refusals[500] ?? good) : good,
  );
  const evaluation = await trial.open().result();
  expect(evaluation.summaries[0]).toMatchObject({ scored: total, infrastructureErrors: 0 });
});
