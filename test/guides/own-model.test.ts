import { describeModel, type ModelBehaviour } from 'hone-ai/testing';
import { expect, test } from 'vitest';
import { tinyServer } from '../../examples/write-your-own/model.ts';
import { type LoopbackReply, openLoopbackServer } from '../../src/testing/loopback-server.ts';

const tokens = { input: 12, output: 3 };

function replyTo(behaviour: ModelBehaviour): LoopbackReply {
  switch (behaviour.kind) {
    case 'answer':
      return { body: { text: behaviour.text, ended: 'done', tokens } };
    case 'cut-off':
      return { body: { text: behaviour.text, ended: 'limit', tokens } };
    case 'rate-limited':
      return {
        status: 429,
        headers: { 'retry-after': String(behaviour.retryAfterMs / 1_000) },
        body: 'slow down',
      };
    case 'quota-spent':
      return { status: 429, body: 'the quota is spent' };
    case 'filtered':
      return { body: { ended: 'filter', tokens } };
    case 'uncounted':
      return { body: { text: behaviour.text, ended: 'done' } };
    case 'thought-only':
      return { body: { thoughts: behaviour.reasoning, ended: 'limit', tokens } };
    case 'key-refused':
      return { status: 401, body: 'who are you?' };
    case 'broken':
      return { status: 503, body: 'out of order' };
    case 'stalled':
      return { stalls: true };
  }
}

describeModel('a model of your own', async (behaviour) => {
  const server = await openLoopbackServer(() => replyTo(behaviour));
  return { ...tinyServer({ modelId: 'small', baseUrl: server.baseUrl }), dispose: server.close };
});

test('sends the whole conversation, the limits and the key', async () => {
  await using server = await openLoopbackServer(() => replyTo({ kind: 'answer', text: 'Paris' }));
  const model = tinyServer({ modelId: 'small', baseUrl: server.baseUrl, apiKey: 'secret' });
  await model.generate({
    messages: [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: 'The capital of France?' },
    ],
    maxOutputTokens: 9,
    temperature: 0,
  });
  expect(server.requests[0]).toMatchObject({
    path: '/v1/complete',
    headers: { authorization: 'Bearer secret' },
    body: {
      model: 'small',
      prompt: 'system: Be short.\n\nuser: The capital of France?',
      max_tokens: 9,
      temperature: 0,
    },
  });
});
