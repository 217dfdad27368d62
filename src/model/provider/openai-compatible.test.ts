import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { describeModel, type ModelBehaviour } from '../../testing/describe-model.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import {
  chatCompletion,
  chatCompletionEvents,
  type LoopbackReply,
  openLoopbackServer,
} from '../../testing/loopback-server.ts';
import type { ModelDelta, ModelRequest } from '../model.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { isStrictSchema } from './openai-compatible-request.ts';

const request: ModelRequest = { messages: [{ role: 'user', content: 'The capital of France?' }] };

/** Behaviours of the contract suite as a server shows them. */
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
        headers: { 'retry-after': String(behaviour.retryAfterMs / 1000) },
        body: { error: { message: 'Slow down', type: 'requests' } },
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
        body: chatCompletion(behaviour.text, { usage: { prompt_tokens: '12', completion_tokens: null } }),
      };
    case 'thought-only':
      return {
        body: chatCompletion('', {
          finish_reason: 'length',
          message: { content: null, reasoning_content: behaviour.reasoning },
        }),
      };
    case 'key-refused':
      return { status: 401, body: { error: { message: 'Incorrect API key', code: 'invalid_api_key' } } };
    case 'broken':
      return { status: 503, body: { error: { message: 'Overloaded' } } };
    case 'stalled':
      return { stalls: true };
  }
}

describeModel('openaiCompatible', async (behaviour) => {
  const server = await openLoopbackServer(({ body }) => replyTo(behaviour, body.stream === true));
  return { ...openaiCompatible({ modelId: 'test-model', baseUrl: server.baseUrl }), dispose: server.close };
});

async function ask(reply: LoopbackReply, changes: Partial<ModelRequest> = {}) {
  await using server = await openLoopbackServer(() => reply);
  const model = openaiCompatible({
    modelId: 'test-model',
    baseUrl: server.baseUrl,
    apiKey: 'secret-key-123',
  });
  const response = await model.generate({ ...request, ...changes });
  return { response, sent: server.requests[0] };
}

async function failureOf(reply: LoopbackReply): Promise<HoneError> {
  const error = await ask(reply).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!HoneError.isInstance(error)) throw new Error(`Expected a HoneError, got ${String(error)}`);
  return error;
}

describe('the request', () => {
  test('carries every option that is set, and none that is not', async () => {
    const { sent } = await ask(
      { body: chatCompletion('x') },
      {
        maxOutputTokens: 9,
        temperature: 0.5,
        topP: 0.9,
        seed: 3,
        stopSequences: ['\n'],
        tokenLogProbabilities: true,
        providerOptions: { top_k: 4 },
        tools: [{ name: 'search', description: 'Searches.', parameters: { type: 'object' } }],
      },
    );
    expect(sent?.path).toBe('/v1/chat/completions');
    expect(sent?.headers.authorization).toBe('Bearer secret-key-123');
    expect(sent?.body).toEqual({
      model: 'test-model',
      messages: [{ role: 'user', content: 'The capital of France?' }],
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 9,
      stop: ['\n'],
      seed: 3,
      logprobs: true,
      top_k: 4,
      tools: [
        {
          type: 'function',
          function: { name: 'search', description: 'Searches.', parameters: { type: 'object' } },
        },
      ],
    });
    const bare = await ask({ body: chatCompletion('x') });
    expect(Object.keys(bare.sent?.body ?? {})).toEqual(['model', 'messages']);
  });

  test('asks for a schema, strictly where the schema is closed', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const { sent } = await ask({ body: chatCompletion('{}') }, { responseSchema: schema });
    expect(sent?.body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema, strict: true },
    });
  });

  test.each([
    { case: 'an open object', schema: { type: 'object' }, strict: false },
    {
      case: 'an optional property',
      schema: { properties: { a: {} }, additionalProperties: false },
      strict: false,
    },
    {
      case: 'an open object inside an array',
      schema: { type: 'array', items: { type: 'object', properties: { a: {} }, required: ['a'] } },
      strict: false,
    },
    {
      case: 'a property that is called like a keyword',
      schema: {
        type: 'object',
        properties: { properties: { type: 'string' } },
        required: ['properties'],
        additionalProperties: false,
      },
      strict: true,
    },
  ])('strict mode for $case: $strict', ({ schema, strict }) => {
    expect(isStrictSchema(schema)).toBe(strict);
  });

  test('writes tool calls and their results', async () => {
    const { sent } = await ask(
      { body: chatCompletion('x') },
      {
        messages: [
          { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'search', arguments: '{"q":1}' }] },
          { role: 'tool', content: 'found', toolCallId: 'c1' },
        ],
      },
    );
    expect(sent?.body.messages).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'search', arguments: '{"q":1}' } }],
      },
      { role: 'tool', content: 'found', tool_call_id: 'c1' },
    ]);
  });

  test('joins a completion into one message of the user, as it is', async () => {
    const messages = [
      { role: 'system' as const, content: 'Classify.\n\n' },
      { role: 'user' as const, content: 'Ticket: x\nCategory:' },
    ];
    const { sent } = await ask({ body: chatCompletion('x') }, { messages, layout: 'completion' });
    expect(sent?.body.messages).toEqual([{ role: 'user', content: 'Classify.\n\nTicket: x\nCategory:' }]);
  });
});

describe('the answer', () => {
  test('keeps cached and reasoning tokens, and leaves unsaid ones undefined', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 7,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };
    const { response } = await ask({ body: chatCompletion('x', { usage }) });
    expect(response.usage).toEqual({
      inputTokens: 100,
      cachedInputTokens: 64,
      outputTokens: 7,
      reasoningTokens: 3,
    });
    const silent = await ask({ body: chatCompletion('x', { usage: null }) });
    expect(silent.response.usage).toEqual({});
  });

  test.each([
    { said: 'stop', reason: 'stop' },
    { said: 'length', reason: 'length' },
    { said: 'content_filter', reason: 'content-filter' },
    { said: 'tool_calls', reason: 'tool-calls' },
    { said: 'novelty', reason: 'other' },
  ])('finish reason $said reads $reason', async ({ said, reason }) => {
    const { response } = await ask({ body: chatCompletion('x', { finish_reason: said }) });
    expect(response.finishReason).toBe(reason);
  });

  test('reads tool calls with their arguments as written, broken or not', async () => {
    const tool_calls = [{ id: 'c1', type: 'function', function: { name: 'search', arguments: '{"q":' } }];
    const { response } = await ask({ body: chatCompletion('', { message: { content: null, tool_calls } }) });
    expect(response).toMatchObject({
      text: '',
      finishReason: 'tool-calls',
      toolCalls: [{ id: 'c1', name: 'search', arguments: '{"q":' }],
    });
  });

  test.each([{ content: null, refusal: 'No.' }, { content: [{ type: 'refusal', refusal: 'No.' }] }])(
    'reads a refusal as no answer, with its words: $content',
    async (message) => {
      const { response } = await ask({ body: chatCompletion('', { message }) });
      expect(response).toMatchObject({ text: '', refusal: 'No.', finishReason: 'content-filter' });
    },
  );

  test('reads the log-probabilities of the tokens', async () => {
    const logprobs = { content: [{ token: 'Par', logprob: -0.1 }, { token: 'is' }] };
    const { response } = await ask({ body: chatCompletion('Paris', { logprobs }) });
    expect(response.tokenLogProbabilities).toEqual([
      { token: 'Par', logProbability: -0.1 },
      { token: 'is', logProbability: -9999 },
    ]);
  });
});

describe('the stream', () => {
  async function streamed(reply: LoopbackReply): Promise<ModelDelta[]> {
    await using server = await openLoopbackServer(() => reply);
    const model = openaiCompatible({ modelId: 'test-model', baseUrl: server.baseUrl });
    const deltas: ModelDelta[] = [];
    for await (const delta of model.stream?.(request) ?? []) deltas.push(delta);
    return deltas;
  }

  test('hands on each piece, then the whole answer with its tokens', async () => {
    const deltas = await streamed({ events: chatCompletionEvents('Paris of course') });
    expect(deltas.map((delta) => (delta.type === 'text-delta' ? delta.text : delta.response.usage))).toEqual([
      'Paris ',
      'of ',
      'course',
      { inputTokens: 20, cachedInputTokens: undefined, outputTokens: 5, reasoningTokens: undefined },
    ]);
  });

  test('puts the parts of tool calls together', async () => {
    const part = (delta: object, finish_reason: string | null = null) => ({
      choices: [{ delta, finish_reason }],
    });
    const deltas = await streamed({
      events: [
        part({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'search', arguments: '' } }] }),
        part({ tool_calls: [{ index: 0, function: { arguments: '{"q":' } }] }),
        part({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
        part({}, 'tool_calls'),
      ],
    });
    expect(deltas).toMatchObject([
      { type: 'finish', response: { toolCalls: [{ id: 'c1', name: 'search', arguments: '{"q":1}' }] } },
    ]);
  });

  test('a server that does not stream answers in one piece', async () => {
    const deltas = await streamed({ body: chatCompletion('Paris') });
    expect(deltas[0]).toEqual({ type: 'text-delta', text: 'Paris' });
    expect(deltas[1]).toMatchObject({ type: 'finish', response: { text: 'Paris' } });
  });

  test.each([
    { case: 'ends early', reply: { events: chatCompletionEvents('Paris').slice(0, 1) } },
    { case: 'is cut', reply: { events: chatCompletionEvents('Paris of course'), cutAfter: 150 } },
    { case: 'carries junk', reply: { events: ['{"choices":'] } },
  ])('that $case is a bad reply', async ({ reply }) => {
    await expect(streamed(reply)).rejects.toMatchObject({ code: 'HONE_MODEL_BAD_REPLY' });
  });
});

describe('the errors', () => {
  const html = { headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Welcome</title>' };
  test.each([
    {
      case: '200 with HTML',
      reply: html,
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: false,
      says: /HTML.*base URL/,
    },
    {
      case: '404 with HTML',
      reply: { ...html, status: 404 },
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: false,
      says: /HTML.*base URL/,
    },
    {
      case: '502 with HTML',
      reply: { ...html, status: 502 },
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: true,
      says: /HTML/,
    },
    {
      case: '403',
      reply: { status: 403, body: { error: { message: 'No access' } } },
      code: 'HONE_MODEL_AUTHENTICATION',
      retryable: false,
      says: /No access/,
    },
    {
      case: '404 for the model',
      reply: { status: 404, body: { error: { message: 'The model `test-model` does not exist' } } },
      code: 'HONE_MODEL_UNKNOWN',
      retryable: false,
      says: /"test-model"/,
    },
    {
      case: '404 for the path',
      reply: { status: 404, body: { detail: 'Not Found' } },
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: false,
      says: /base URL/,
    },
    {
      case: '400 for an unknown model',
      reply: { status: 400, body: { error: { message: 'Bad', code: 'model_not_found' } } },
      code: 'HONE_MODEL_UNKNOWN',
      retryable: false,
      says: /does not know the model/,
    },
    {
      case: '400 for a long prompt',
      reply: {
        status: 400,
        body: { error: { message: "This model's maximum context length is 8192 tokens." } },
      },
      code: 'HONE_MODEL_CONTEXT_OVERFLOW',
      retryable: false,
      says: /longer than the context.*shorten/,
    },
    {
      case: '400 otherwise',
      reply: { status: 400, body: { error: { message: "Unsupported parameter: 'temperature'" } } },
      code: 'HONE_MODEL_REJECTED',
      retryable: false,
      says: /temperature/,
    },
    {
      case: '408',
      reply: { status: 408, body: { error: 'too slow' } },
      code: 'HONE_MODEL_SERVER',
      retryable: true,
      says: /too slow/,
    },
    {
      case: '429 for an empty account',
      reply: { status: 429, body: { error: { message: 'You are broke', code: 'insufficient_quota' } } },
      code: 'HONE_MODEL_RATE_LIMITED',
      retryable: false,
      says: /credit/,
    },
    {
      case: 'an error inside a success',
      reply: { body: { error: { message: 'Upstream is full', code: 429 } } },
      code: 'HONE_MODEL_RATE_LIMITED',
      retryable: true,
      says: /Upstream is full/,
    },
    {
      case: 'incomplete JSON',
      reply: { body: '{"choices":[{"mess' },
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: true,
      says: /no complete JSON/,
    },
    {
      case: 'a body that is cut',
      reply: { body: chatCompletion('Paris'), cutAfter: 30 },
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: true,
      says: /broke off/,
    },
    {
      case: 'no choices',
      reply: { body: { choices: [] } },
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: true,
      says: /without any choice/,
    },
    {
      case: 'a failed generation',
      reply: { body: chatCompletion('half', { finish_reason: 'error' }) },
      code: 'HONE_MODEL_BAD_REPLY',
      retryable: true,
      says: /generating failed/,
    },
  ])('$case is $code', async ({ reply, code, retryable, says }) => {
    const error = await failureOf(reply);
    expect(error.code).toBe(code);
    expect(error.facts.retryable).toBe(retryable);
    expect(`${error.message} ${error.hint}`).toMatch(says);
  });

  test('a server that is down is unreachable, and may be tried again', async () => {
    const server = await openLoopbackServer(() => ({}));
    await server.close();
    const model = openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl });
    await expect(model.generate(request)).rejects.toMatchObject({
      code: 'HONE_MODEL_UNREACHABLE',
      message: expect.stringContaining('refused'),
      facts: { retryable: true },
    });
  });

  test.each([
    { header: 'retry-after-ms', value: '1500', ms: 1_500 },
    { header: 'retry-after', value: '7', ms: 7_000 },
    { header: 'retry-after', value: 'Thu, 01 Jan 2026 00:00:20 GMT', ms: 20_000 },
    { header: 'retry-after', value: 'Wed, 31 Dec 2025 00:00:00 GMT', ms: 0 },
    { header: 'retry-after', value: 'soon', ms: undefined },
  ])('$header: $value means $ms ms', async ({ header, value, ms }) => {
    await using server = await openLoopbackServer(() => ({
      status: 429,
      headers: { [header]: value },
      body: { error: { message: 'Slow down' } },
    }));
    const model = openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl, clock: fakeClock() });
    const error = await model.generate(request).catch((thrown: HoneError) => thrown);
    expect(error).toMatchObject({ code: 'HONE_MODEL_RATE_LIMITED' });
    expect((error as HoneError).facts.retryAfterMs).toBe(ms);
  });

  test('the key appears in no message, even when the server quotes it', async () => {
    const error = await failureOf({
      status: 401,
      body: { error: { message: 'Incorrect API key provided: secret-key-123, or sk-proj-abc*****xyz.' } },
    });
    expect(JSON.stringify([error.message, error.hint, error.facts])).not.toMatch(/secret-key|sk-proj/);
  });

  test('a known provider is asked for by its environment variable', async () => {
    const model = openaiCompatible({
      modelId: 'gpt-5-mini',
      baseUrl: 'https://api.openai.com/v1',
      fetch: async () => new Response('{"error":{"message":"No key"}}', { status: 401 }),
    });
    await expect(model.generate(request)).rejects.toMatchObject({
      hint: expect.stringContaining('OPENAI_API_KEY'),
    });
  });
});

describe('the address', () => {
  test.each([
    { baseUrl: 'http://LOCALHOST:8000/v1/', endpoint: 'http://localhost:8000/v1' },
    { baseUrl: 'http://user:pass@localhost/v1', endpoint: 'http://localhost/v1' },
    { baseUrl: 'http://localhost/v1/chat/completions', endpoint: 'http://localhost/v1' },
    { baseUrl: 'https://host/openai?api-version=1', endpoint: 'https://host/openai' },
  ])('$baseUrl is the endpoint $endpoint', ({ baseUrl, endpoint }) => {
    expect(openaiCompatible({ modelId: 'm', baseUrl }).endpoint).toBe(endpoint);
  });

  test('credentials in it are sent, which fetch alone refuses', async () => {
    await using server = await openLoopbackServer(() => ({ body: chatCompletion('x') }));
    const baseUrl = server.baseUrl.replace('//', '//user:p%40ss@');
    await openaiCompatible({ modelId: 'm', baseUrl }).generate(request);
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('user:p@ss')}`);
  });

  test.each(['localhost:8000', 'file:///v1', 'not an address'])('%s is refused', (baseUrl) => {
    expect(() => openaiCompatible({ modelId: 'm', baseUrl })).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
    );
  });

  test('the id says the provider where it is known', () => {
    const idAt = (baseUrl: string) => openaiCompatible({ modelId: 'x/y', baseUrl }).id;
    expect(idAt('https://openrouter.ai/api/v1')).toBe('openrouter/x/y');
    expect(idAt('http://localhost:1/v1')).toBe('openai-compatible/x/y');
  });
});
