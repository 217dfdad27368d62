import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { describeModel, type ModelBehaviour } from '../../testing/describe-model.ts';
import {
  chatCompletion,
  chatCompletionEvents,
  type LoopbackReply,
  openLoopbackServer,
} from '../../testing/loopback-server.ts';
import type { ModelRequest } from '../model.ts';
import { fromAiSdk } from './ai-sdk.ts';
import type { AiSdkCallOptions, AiSdkResult, AiSdkStreamPart, AnyAiSdkModel } from './ai-sdk-model.ts';

const request: ModelRequest = { messages: [{ role: 'user', content: 'The capital of France?' }] };
const inSeconds = (ms: number) => ({ 'retry-after': String(ms / 1000) });

function replyTo(behaviour: ModelBehaviour, isStream: boolean): LoopbackReply {
  switch (behaviour.kind) {
    case 'answer':
      return isStream
        ? { events: chatCompletionEvents(behaviour.text) }
        : { body: chatCompletion(behaviour.text) };
    case 'cut-off':
      return { body: chatCompletion(behaviour.text, { finish_reason: 'length' }) };
    case 'rate-limited':
      return {
        status: 429,
        headers: inSeconds(behaviour.retryAfterMs),
        body: { error: { message: 'Slow down' } },
      };
    case 'quota-spent':
      return {
        status: 429,
        body: { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } },
      };
    case 'filtered':
      return { status: 400, body: { error: { message: 'Filtered', code: 'content_filter' } } };
    case 'uncounted':
      return {
        body: chatCompletion(behaviour.text, { usage: null }),
      };
    case 'thought-only':
      return {
        body: chatCompletion('', {
          finish_reason: 'length',
          message: { content: null, reasoning_content: behaviour.reasoning },
        }),
      };
    case 'key-refused':
      return { status: 401, body: { error: { message: 'Incorrect API key' } } };
    case 'broken':
      return { status: 503, body: { error: { message: 'Overloaded' } } };
    case 'stalled':
      return { stalls: true };
  }
}

describeModel(
  'fromAiSdk with @ai-sdk/openai (V3)',
  async (behaviour) => {
    const server = await openLoopbackServer(({ body }) => replyTo(behaviour, body.stream === true));
    const openai = createOpenAI({ apiKey: 'test-key', baseURL: server.baseUrl });
    return { ...fromAiSdk(openai.chat('gpt-5-mini')), dispose: server.close };
  },
  {
    skip: [
      {
        test: 'gives the thoughts where they are all there is',
        reason: 'the chat models of @ai-sdk/openai do not hand thoughts on',
      },
    ],
  },
);

/** A model written by hand as each version of the specification wants it. */
function handMade(version: 'v2' | 'v3' | 'v4', behaviour: ModelBehaviour) {
  const seen: AiSdkCallOptions[] = [];
  const usage =
    behaviour.kind === 'uncounted'
      ? (null as never)
      : version === 'v2'
        ? {
            inputTokens: 20,
            outputTokens: 5,
            cachedInputTokens: 4,
            reasoningTokens: undefined,
            totalTokens: 25,
          }
        : {
            inputTokens: { total: 20, noCache: 16, cacheRead: 4, cacheWrite: undefined },
            outputTokens: { total: 5, text: 5, reasoning: undefined },
          };
  const isCut = behaviour.kind === 'cut-off' || behaviour.kind === 'thought-only';
  const reason = isCut ? 'length' : 'stop';
  const finishReason = version === 'v2' ? reason : { unified: reason, raw: reason };
  const perform = async (options: AiSdkCallOptions): Promise<string> => {
    seen.push(options);
    if ('text' in behaviour) return behaviour.text;
    if (behaviour.kind === 'thought-only') return '';
    if (behaviour.kind === 'stalled') {
      return new Promise((_, reject) => {
        options.abortSignal?.addEventListener('abort', () => reject(options.abortSignal?.reason));
      });
    }
    const statusCode = {
      'rate-limited': 429,
      'quota-spent': 429,
      filtered: 400,
      'key-refused': 401,
      broken: 503,
    }[behaviour.kind];
    const code = { 'quota-spent': 'insufficient_quota', filtered: 'content_filter' }[
      behaviour.kind as string
    ];
    const responseBody = code && JSON.stringify({ error: { message: 'no luck', code } });
    const responseHeaders = behaviour.kind === 'rate-limited' ? inSeconds(behaviour.retryAfterMs) : {};
    throw Object.assign(new Error('no luck'), {
      name: 'AI_APICallError',
      statusCode,
      responseHeaders,
      responseBody,
    });
  };
  const languageModel = {
    specificationVersion: version,
    provider: 'acme.chat',
    modelId: 'one',
    supportedUrls: {},
    async doGenerate(options: AiSdkCallOptions): Promise<AiSdkResult> {
      const text = await perform(options);
      return {
        content: [
          { type: 'reasoning', text: behaviour.kind === 'thought-only' ? behaviour.reasoning : 'hm' },
          { type: 'text', text },
        ],
        finishReason,
        usage,
      };
    },
    async doStream(options: AiSdkCallOptions) {
      const text = await perform(options);
      const parts: AiSdkStreamPart[] = [
        { type: 'stream-start' },
        { type: 'text-start' },
        ...text.split(/(?<= )/).map((delta) => ({ type: 'text-delta', delta })),
        { type: 'something-new' },
        { type: 'finish', finishReason, usage },
      ];
      return {
        stream: new ReadableStream<AiSdkStreamPart>({
          start(controller) {
            for (const part of parts) controller.enqueue(part);
            controller.close();
          },
        }),
      };
    },
  };
  return { languageModel, seen };
}

describe.each(['v2', 'v3', 'v4'] as const)('a hand-made model of specification %s', (version) => {
  describeModel(`fromAiSdk (${version})`, (behaviour) =>
    fromAiSdk(handMade(version, behaviour).languageModel),
  );

  test('its tokens and finish reason read alike', async () => {
    const { languageModel } = handMade(version, { kind: 'answer', text: 'Paris' });
    const response = await fromAiSdk(languageModel).generate(request);
    expect(response.usage).toEqual({
      inputTokens: 20,
      cachedInputTokens: 4,
      outputTokens: 5,
      reasoningTokens: undefined,
    });
    expect(response.finishReason).toBe('stop');
  });
});

test('the request is written in the words of the specification', async () => {
  const { languageModel, seen } = handMade('v3', { kind: 'answer', text: 'x' });
  const schema = { type: 'object' };
  await fromAiSdk(languageModel).generate({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Look it up.' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'search', arguments: '{"q":1}' }] },
      { role: 'tool', content: 'found', toolCallId: 'c1' },
    ],
    maxOutputTokens: 9,
    temperature: 0,
    stopSequences: ['\n'],
    responseSchema: schema,
    tools: [{ name: 'search', description: 'Searches.', parameters: schema }],
    providerOptions: { acme: { fast: true } },
  });
  expect(seen[0]).toMatchObject({
    prompt: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Look it up.' }] },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'search', input: { q: 1 } }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'search',
            output: { type: 'text', value: 'found' },
          },
        ],
      },
    ],
    maxOutputTokens: 9,
    temperature: 0,
    stopSequences: ['\n'],
    responseFormat: { type: 'json', name: 'answer', schema },
    tools: [{ type: 'function', name: 'search', description: 'Searches.', inputSchema: schema }],
    providerOptions: { acme: { fast: true } },
  });
});

test('log-probabilities come through @ai-sdk/openai where they are asked for', async () => {
  await using server = await openLoopbackServer(() => ({
    body: chatCompletion('Paris', {
      logprobs: { content: [{ token: 'Paris', logprob: -0.2, top_logprobs: [] }] },
    }),
  }));
  const openai = createOpenAI({ apiKey: 'test-key', baseURL: server.baseUrl });
  const model = fromAiSdk(openai.chat('gpt-4o-mini'));
  const response = await model.generate({ ...request, tokenLogProbabilities: true });
  expect(server.requests[0]?.body.logprobs).toBe(true);
  expect(response.tokenLogProbabilities).toEqual([{ token: 'Paris', logProbability: -0.2 }]);
});

test('two servers of one provider are two endpoints, without credentials', () => {
  const at = (baseURL: string) => fromAiSdk(createOpenAI({ apiKey: 'k', baseURL })('gpt-5-mini')).endpoint;
  expect(at('http://127.0.0.1:1/v1')).not.toBe(at('http://127.0.0.1:2/v1'));
  expect(fromAiSdk(createAnthropic({ apiKey: 'k' })('claude-sonnet-4-5')).endpoint).toBe(
    'https://api.anthropic.com/v1',
  );
});

test.each([
  {
    case: 'an HTML page',
    reply: { headers: { 'content-type': 'text/html' }, body: '<!doctype html>' },
    code: 'HONE_MODEL_BAD_REPLY',
    retryable: false,
  },
  { case: 'a broken JSON', reply: { body: '{"choices":' }, code: 'HONE_MODEL_BAD_REPLY', retryable: true },
  { case: 'another JSON', reply: { body: { hello: 1 } }, code: 'HONE_MODEL_BAD_REPLY', retryable: true },
  {
    case: 'an unknown model',
    reply: { status: 404, body: { error: { message: 'The model does not exist' } } },
    code: 'HONE_MODEL_UNKNOWN',
    retryable: false,
  },
])('$case through @ai-sdk/openai is $code', async ({ reply, code, retryable }) => {
  await using server = await openLoopbackServer(() => reply);
  const model = fromAiSdk(createOpenAI({ apiKey: 'test-key', baseURL: server.baseUrl }).chat('gpt-5-mini'));
  const error = await model.generate(request).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, facts: { retryable } });
});

test('a server that is down is unreachable through @ai-sdk/openai too', async () => {
  const server = await openLoopbackServer(() => ({}));
  await server.close();
  const model = fromAiSdk(createOpenAI({ apiKey: 'test-key', baseURL: server.baseUrl }).chat('gpt-5-mini'));
  await expect(model.generate(request)).rejects.toMatchObject({
    code: 'HONE_MODEL_UNREACHABLE',
    facts: { retryable: true },
  });
});

test('a missing key names the variable to set', async () => {
  const languageModel = handMade('v3', { kind: 'answer', text: 'x' }).languageModel;
  const withoutKey = {
    ...languageModel,
    provider: 'anthropic.messages',
    doGenerate: () =>
      Promise.reject(Object.assign(new Error('API key is missing.'), { name: 'AI_LoadAPIKeyError' })),
  };
  await expect(fromAiSdk(withoutKey).generate(request)).rejects.toMatchObject({
    code: 'HONE_MODEL_AUTHENTICATION',
    hint: expect.stringContaining('ANTHROPIC_API_KEY'),
  });
});

test('a specification that Hone does not know is refused by name', () => {
  const model: AnyAiSdkModel = {
    ...handMade('v4', { kind: 'answer', text: 'x' }).languageModel,
    specificationVersion: 'v9',
  };
  expect(() => fromAiSdk(model)).toThrow(HoneError);
  expect(() => fromAiSdk(model)).toThrow(/v9/);
});

describe('the beginning that every row shares', () => {
  const shared = (words: number): ModelRequest => ({
    messages: [
      { role: 'system', content: 'Sort it. '.repeat(words) },
      { role: 'user', content: 'My bill' },
    ],
    sharedMessages: 1,
  });
  const sentTo = async (provider: string, asked: ModelRequest) => {
    const { languageModel, seen } = handMade('v3', { kind: 'answer', text: 'x' });
    await fromAiSdk({ ...languageModel, provider }).generate(asked);
    return seen[0]?.prompt;
  };

  test('is marked where Anthropic is to keep it, and only where it is long enough to be kept', async () => {
    const kept = await sentTo('anthropic.messages', shared(600));
    expect(kept?.[0]).toMatchObject({
      providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } },
    });
    expect(kept?.[1]).not.toHaveProperty('providerOptions');
    expect((await sentTo('anthropic.messages', shared(10)))?.[0]).not.toHaveProperty('providerOptions');
    expect((await sentTo('openai.responses', shared(600)))?.[0]).not.toHaveProperty('providerOptions');
  });
});
