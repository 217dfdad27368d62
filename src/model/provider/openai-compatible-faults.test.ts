import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import {
  chatCompletion,
  type LoopbackReply,
  type LoopbackRequest,
  openLoopbackServer,
} from '../../testing/loopback-server.ts';
import { callPath } from '../middleware/call-path.ts';
import type { ModelDelta, ModelRequest } from '../model.ts';
import { type OpenaiCompatibleOptions, openaiCompatible } from './openai-compatible.ts';

const request: ModelRequest = {
  messages: [{ role: 'user', content: 'The capital of France?' }],
  maxOutputTokens: 20,
  temperature: 0,
};

interface Trial {
  readonly answer: (request: LoopbackRequest) => LoopbackReply;
  readonly options?: Partial<OpenaiCompatibleOptions>;
}

/** A server that answers so, and a model of it. */
async function open({ answer, options }: Trial) {
  const server = await openLoopbackServer(answer);
  const model = openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl, ...options });
  return {
    server,
    model,
    bodies: () => server.requests.map(({ body }) => body),
    [Symbol.asyncDispose]: server.close,
  };
}

async function outcomeOf(reply: LoopbackReply) {
  await using opened = await open({ answer: () => reply });
  return await opened.model.generate(request).catch((thrown: unknown) => thrown);
}

const refusal = (message: string, rest: JsonObject = {}): LoopbackReply => ({
  status: 400,
  body: { error: { message, type: 'invalid_request_error', ...rest } },
});

describe('an option that the server does not take', () => {
  test.each([
    {
      field: 'max_tokens',
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      notice: /wants `max_completion_tokens`/,
    },
    {
      field: 'temperature',
      message:
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
      notice: /takes no `temperature`/,
    },
  ])('$field is learned once, left out from then on, and said with each answer', async (trial) => {
    const { field, message, notice } = trial;
    await using opened = await open({
      answer: ({ body }) =>
        body[field] === undefined ? { body: chatCompletion('Paris') } : refusal(message, { param: field }),
    });
    const told: string[] = [];
    const model = callPath(opened.model, { onNotice: (said) => told.push(said) });
    const answers = [await model.generate(request), await model.generate(request)];
    expect(answers.map(({ text, retries }) => [text, retries])).toEqual([
      ['Paris', undefined],
      ['Paris', undefined],
    ]);
    expect(opened.server.count).toBe(3);
    expect(told).toEqual([expect.stringMatching(notice)]);
    expect(answers[1]?.notices).toEqual(told);
    expect(opened.bodies().at(-1)).not.toHaveProperty(field);
  });

  test('both at once, by calls that run together, are learned without a failure', async () => {
    await using opened = await open({
      answer: ({ body }) => {
        if (body.max_tokens !== undefined)
          return refusal("Use 'max_completion_tokens' instead of 'max_tokens'.");
        if (body.temperature !== undefined) return refusal('`temperature` is deprecated for this model.');
        return { body: chatCompletion('Paris') };
      },
    });
    const answers = await Promise.all(Array.from({ length: 8 }, () => opened.model.generate(request)));
    expect(answers.every(({ text }) => text === 'Paris')).toBe(true);
    expect(opened.bodies().at(-1)).toMatchObject({ max_completion_tokens: 20 });
  });

  test('a server that takes neither name of the limit is asked twice, not for ever', async () => {
    await using opened = await open({
      answer: ({ body }) =>
        refusal(
          `Unrecognized request argument: ${body.max_tokens === undefined ? 'max_completion_tokens' : 'max_tokens'}`,
        ),
    });
    await expect(opened.model.generate(request)).rejects.toMatchObject({ code: 'HONE_MODEL_REJECTED' });
    expect(opened.server.count).toBe(2);
  });

  test.each([
    'temperature must be between 0 and 2',
    'max_tokens is too large: 40960. This model supports at most 16384 completion tokens.',
    'messages: text content blocks must be non-empty',
  ])('"%s" is no such thing', async (message) => {
    await using opened = await open({ answer: () => refusal(message) });
    await expect(opened.model.generate(request)).rejects.toMatchObject({ code: 'HONE_MODEL_REJECTED' });
    expect(opened.server.count).toBe(1);
  });

  test('a schema that is not taken is asked for in words, and the model says that it cannot hold one', async () => {
    await using opened = await open({
      answer: ({ body }) =>
        body.response_format === undefined
          ? { body: chatCompletion('{}') }
          : refusal('response_format type must be one of "text" and "json_object", but got: json_schema'),
    });
    const { model } = opened;
    const asked = { ...request, responseSchema: { type: 'object' } };
    expect(model.capabilities.jsonSchema).toBe(true);
    await expect(model.generate(asked)).resolves.toMatchObject({ text: '{}', notices: [/response_format/] });
    expect(model.capabilities.jsonSchema).toBe(false);
    await model.generate(request).then(({ notices }) => expect(notices).toBeUndefined());
  });

  test('can be declared, and is then never sent', async () => {
    await using opened = await open({
      answer: () => ({ body: chatCompletion('Paris, and more') }),
      options: { lacks: ['stop', 'temperature', 'json-schema', 'seed'] },
    });
    const answer = await opened.model.generate({
      ...request,
      seed: 1,
      stopSequences: [', '],
      responseSchema: { type: 'object' },
    });
    expect(Object.keys(opened.bodies()[0] ?? {})).toEqual(['model', 'messages', 'max_tokens']);
    expect(answer.text).toBe('Paris');
    expect(answer.notices).toHaveLength(4);
    expect(opened.model.capabilities.jsonSchema).toBe(false);
  });
});

describe('a success that is none', () => {
  test.each([
    { error: { code: 429, message: 'Slow down' }, code: 'HONE_MODEL_RATE_LIMITED', retryable: true },
    { error: { code: '429', message: 'Slow down' }, code: 'HONE_MODEL_RATE_LIMITED', retryable: true },
    { error: { type: 'rate_limit_error', message: 'No' }, code: 'HONE_MODEL_RATE_LIMITED', retryable: true },
    {
      error: { code: 'insufficient_quota', message: 'No' },
      code: 'HONE_MODEL_RATE_LIMITED',
      retryable: false,
    },
    { error: { code: 402, message: 'Pay first' }, code: 'HONE_MODEL_RATE_LIMITED', retryable: false },
    {
      error: { code: 'invalid_api_key', message: 'No' },
      code: 'HONE_MODEL_AUTHENTICATION',
      retryable: false,
    },
    { error: { type: 'overloaded_error', message: 'No' }, code: 'HONE_MODEL_SERVER', retryable: true },
    { error: 'no idea', code: 'HONE_MODEL_SERVER', retryable: true },
  ])('with the error $error is $code', async ({ error, code, retryable }) => {
    const alone = { body: { error }, headers: { 'retry-after': '7' } };
    expect(await outcomeOf(alone)).toMatchObject({ code, facts: { retryable, retryAfterMs: 7_000 } });
    const besidePart = { body: { ...chatCompletion('Par'), error } };
    expect(await outcomeOf(besidePart)).toMatchObject({ code });
  });

  test('with an error inside its choice is a fault', async () => {
    const body = { choices: [{ message: { content: 'Par' }, error: { code: 502, message: 'Upstream' } }] };
    expect(await outcomeOf({ body })).toMatchObject({ code: 'HONE_MODEL_SERVER' });
  });

  test.each([
    { choices: [{ message: { content: [null], tool_calls: [null] } }] },
    { choices: [{ message: 'text' }] },
    { choices: 'none' },
    [],
    'x',
  ])('in the form %j is read or refused, never an odd crash', async (body) => {
    const outcome = await outcomeOf({ body: JSON.stringify(body) });
    if (outcome instanceof Error)
      expect(HoneError.isInstance(outcome) && outcome.code).toBe('HONE_MODEL_BAD_REPLY');
    else expect(outcome).toMatchObject({ text: expect.any(String) });
  });
});

describe('filtered contents', () => {
  const filtered = { text: '', finishReason: 'content-filter' };
  test.each([
    { case: '200 with a message', reply: { body: chatCompletion('', { finish_reason: 'content_filter' }) } },
    {
      case: '200 without one',
      reply: { body: { choices: [{ message: null, finish_reason: 'content_filter' }] } },
    },
    { case: '200 of a filtered prompt', reply: { body: { choices: [], prompt_filter_results: [{}] } } },
    { case: '400 by code', reply: refusal('No', { code: 'content_filter' }) },
    {
      case: '400 by inner code',
      reply: refusal('No', { innererror: { code: 'ResponsibleAIPolicyViolation' } }),
    },
    {
      case: '400 by words',
      reply: refusal("The response was filtered due to Azure's content management policy."),
    },
    { case: '403 of a moderation', reply: { ...refusal('Your input was flagged'), status: 403 } },
  ])('are one thing: $case', async ({ reply }) => {
    expect(await outcomeOf(reply)).toMatchObject(filtered);
  });

  test('in a stream end with the filter, without a delta', async () => {
    await using opened = await open({ answer: () => refusal('No', { code: 'content_filter' }) });
    const deltas: ModelDelta[] = [];
    for await (const delta of opened.model.stream?.(request) ?? []) deltas.push(delta);
    expect(deltas).toMatchObject([{ type: 'finish', response: filtered }]);
  });
});

describe('an answer without a text', () => {
  test.each([
    { message: { content: null, reasoning_content: 'Hm.' }, finish_reason: 'length', reason: 'length' },
    { message: { content: '', reasoning: 'Hm.' }, finish_reason: 'stop', reason: 'stop' },
  ])('keeps the thoughts: $message', async ({ message, finish_reason, reason }) => {
    expect(await outcomeOf({ body: chatCompletion('', { message, finish_reason }) })).toMatchObject({
      text: '',
      finishReason: reason,
      reasoning: 'Hm.',
    });
  });

  test('beside a text they are left out', async () => {
    const message = { reasoning_content: 'Hm.' };
    expect(await outcomeOf({ body: chatCompletion('Paris', { message }) })).not.toHaveProperty('reasoning');
  });
});

test.each([
  { usage: null },
  { usage: undefined },
  { usage: {} },
  { usage: 'many' },
  { usage: { prompt_tokens: '12', completion_tokens: [100] } },
  { usage: { prompt_tokens: -1, completion_tokens: null, prompt_tokens_details: 'none' } },
])('usage $usage is unknown', async ({ usage }) => {
  const outcome = await outcomeOf({ body: chatCompletion('x', { usage }) });
  expect(outcome).toMatchObject({ text: 'x' });
  const read = (outcome as { usage: object }).usage;
  expect(Object.values(read).filter((count) => count !== undefined)).toEqual([]);
});

describe('a limit', () => {
  test.each([
    { message: 'Rate limit reached. Please try again in 7m12.5s.', waitMs: 432_500, retryable: true },
    { message: 'Please retry in 34.07s.', waitMs: 34_070, retryable: true },
    { message: 'Try again in 850ms', waitMs: 850, retryable: true },
    {
      message:
        'You exceeded your current quota, check billing. Quota exceeded for metric x. Please retry in 34s.',
      waitMs: 34_000,
      retryable: true,
    },
    { message: 'You exceeded your current quota, check your billing.', waitMs: undefined, retryable: false },
    { message: 'Limit 200 requests per day (RPD). Try again in 3h.', waitMs: 10_800_000, retryable: false },
  ])('"$message" is read', async ({ message, waitMs, retryable }) => {
    const outcome = await outcomeOf({ status: 429, body: { error: { message } } });
    expect(outcome).toMatchObject({ code: 'HONE_MODEL_RATE_LIMITED', facts: { retryable } });
    expect((outcome as HoneError).facts.retryAfterMs).toBe(waitMs);
  });
});

describe('a body without an end', () => {
  /** Sends megabytes until the other side leaves. */
  async function endless(headers: Record<string, string>, piece: string) {
    let sent = 0;
    const server = createServer((_, outgoing) => {
      outgoing.writeHead(200, headers);
      const more = () => {
        while (!outgoing.destroyed && sent < 2e9) {
          sent += piece.length;
          if (!outgoing.write(piece)) return void outgoing.once('drain', more);
        }
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      model: openaiCompatible({ modelId: 'm', baseUrl: `http://127.0.0.1:${port}/v1` }),
      sent: () => sent,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }
  const tooLarge = {
    code: 'HONE_MODEL_BAD_REPLY',
    message: expect.stringContaining('MiB'),
    facts: { retryable: false },
  };

  test('is left at the limit, which the error names', async () => {
    await using server = await endless({ 'content-type': 'application/json' }, ' '.repeat(1 << 20));
    await expect(server.model.generate(request)).rejects.toMatchObject(tooLarge);
    expect(server.sent()).toBeLessThan(64e6);
  });

  test('is not read at all when its length is stated', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '600000000' };
    await using server = await endless(headers, ' '.repeat(1 << 16));
    await expect(server.model.generate(request)).rejects.toMatchObject(tooLarge);
    expect(server.sent()).toBeLessThan(16e6);
  });

  test('in a stream is left at its limit', async () => {
    await using server = await endless(
      { 'content-type': 'text/event-stream' },
      `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(1 << 20) } }] })}\n\n`,
    );
    const read = async () => {
      for await (const delta of server.model.stream?.(request) ?? []) if (delta.type === 'finish') return;
    };
    await expect(read()).rejects.toMatchObject(tooLarge);
  });
});

test('credentials in the address are sent, and appear nowhere else', async () => {
  await using server = await openLoopbackServer(({ path, headers }) => ({
    status: 500,
    body: { error: { message: `You sent ${path} with ${String(headers.authorization)}` } },
  }));
  const baseUrl = `${server.baseUrl.replace('//', '//someone:p%40ss%word@')}?key=very-secret`;
  const model = openaiCompatible({ modelId: 'm', baseUrl });
  const error = await model.generate(request).catch((thrown: HoneError) => thrown as HoneError);
  expect(server.requests[0]?.path).toContain('key=very-secret');
  expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('someone:p@ss%word')}`);
  const shown = JSON.stringify([model, error, (error as HoneError).message]);
  expect(shown).not.toMatch(/someone|p@ss|p%40ss|very-secret/);
  expect(shown).not.toContain(btoa('someone:p@ss%word').slice(0, 12));
});
