import { createOpenAI } from '@ai-sdk/openai';
import { expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { resolveModel } from './resolve-model.ts';

const messages = [{ role: 'user' as const, content: 'Hello' }];

test('a Hone model is taken as it is', async () => {
  const model = scriptedModel({ replies: ['x'] });
  await expect(resolveModel(model)).resolves.toBe(model);
});

test('an AI SDK model is wrapped', async () => {
  const model = await resolveModel(createOpenAI({ apiKey: 'k' })('gpt-5-mini'));
  expect(model.id).toBe('openai/gpt-5-mini');
});

test.each([
  { reference: 'openai/gpt-5-mini', endpoint: 'https://api.openai.com/v1' },
  { reference: 'anthropic/claude-sonnet-4-5', endpoint: 'https://api.anthropic.com/v1' },
  { reference: 'google/gemini-2.5-flash', endpoint: 'https://generativelanguage.googleapis.com/v1beta' },
  { reference: 'groq/llama-3.3-70b-versatile', endpoint: 'https://api.groq.com/openai/v1' },
  { reference: 'openrouter/openai/gpt-4o', endpoint: 'https://openrouter.ai/api/v1' },
])('$reference is asked at $endpoint', async ({ reference, endpoint }) => {
  const model = await resolveModel(reference, { apiKey: 'k' });
  expect(model.id).toBe(reference);
  expect(model.endpoint).toBe(endpoint);
});

test('a reference with an address asks the model at that address', async () => {
  await using server = await openLoopbackServer(() => ({ body: chatCompletion('hi') }));
  const model = await resolveModel(`openai-compatible:${server.baseUrl}#qwen/qwen3-8b`);
  await expect(model.generate({ messages })).resolves.toMatchObject({ text: 'hi' });
  expect(server.requests[0]?.body.model).toBe('qwen/qwen3-8b');
});

test('with a base URL any name is the model of that server', async () => {
  await using server = await openLoopbackServer(() => ({ body: chatCompletion('hi') }));
  const model = await resolveModel('openai/gpt-oss-20b', { baseUrl: server.baseUrl, apiKey: 'k' });
  await model.generate({ messages });
  expect(server.requests[0]).toMatchObject({
    body: { model: 'openai/gpt-oss-20b' },
    headers: { authorization: 'Bearer k' },
  });
});

test('a key is found in the given environment under its usual name', async () => {
  let sent = '';
  const model = await resolveModel('groq/llama', {
    environment: { GROQ_API_KEY: 'from-environment' },
    fetch: async (_, init) => {
      sent = new Headers(init?.headers).get('authorization') ?? '';
      return Response.json(chatCompletion('hi'));
    },
  });
  await model.generate({ messages });
  expect(sent).toBe('Bearer from-environment');
});

test.each(['local/smollm2-135m-instruct', './models/mine.gguf', 'hf:user/repository/file.gguf'])(
  '%s is opened by the embedded model',
  async (reference) => {
    const local = scriptedModel({ id: 'local/x', replies: ['x'] });
    let asked: unknown;
    const model = await resolveModel(reference, {
      modelFolder: 'models',
      environment: { HONE_MODEL_PATH: 'here' },
      embedded: (options) => {
        asked = options;
        return local;
      },
    });
    expect(model).toBe(local);
    expect(asked).toMatchObject({ model: reference, modelFolder: 'models', modelPath: 'here' });
  },
);

test.each([
  { reference: 'opnai/gpt-5-mini', closest: 'openai/gpt-5-mini' },
  { reference: 'antropic/claude-x', closest: 'anthropic/claude-x' },
  { reference: 'gpt-5-mini', closest: 'openai/gpt-5-mini' },
  { reference: 'claude-sonnet-4-5', closest: 'anthropic/claude-sonnet-4-5' },
  { reference: 'locl/smollm2', closest: 'local/smollm2' },
])('$reference is unknown, and $closest is offered', async ({ reference, closest }) => {
  await expect(resolveModel(reference)).rejects.toMatchObject({
    code: 'HONE_MODEL_UNKNOWN',
    hint: expect.stringContaining(`Did you mean ${closest}?`),
  });
});

test.each(['', 'something', 'zzzzzz/model', 'openai/'])(
  '"%s" is unknown, and the forms are listed',
  async (reference) => {
    await expect(resolveModel(reference)).rejects.toMatchObject({
      code: 'HONE_MODEL_UNKNOWN',
      hint: expect.stringContaining('openai-compatible:<base URL>#<model>'),
    });
  },
);

test('an address without a model is explained, without its password', async () => {
  const error = await resolveModel('openai-compatible:http://user:pass@localhost/v1').catch(
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: 'HONE_MODEL_UNKNOWN' });
  expect(error.message).not.toContain('pass');
});
