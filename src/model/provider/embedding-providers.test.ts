import { describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { openLoopbackServer } from '../../testing/loopback-server.ts';
import { withEmbeddingRetry } from '../middleware/retry-embedding.ts';
import type { CallRecord } from '../model.ts';
import { fromAiSdkEmbedding, isAiSdkEmbeddingModel } from './ai-sdk-embedding.ts';
import { openaiCompatibleEmbedding } from './openai-compatible-embedding.ts';

const vectorOf = (text: string) => [text.length, 1];

describe('openaiCompatibleEmbedding', () => {
  test('asks /embeddings in parts, takes vectors by their index, and tells what it took', async () => {
    await using server = await openLoopbackServer(({ body }) => ({
      body: {
        data: (body.input as string[]).map((text, index) => ({ index, embedding: vectorOf(text) })).reverse(),
        usage: { prompt_tokens: 7, total_tokens: 7 },
      },
    }));
    const records: CallRecord[] = [];
    const model = openaiCompatibleEmbedding({
      modelId: 'embedder',
      baseUrl: server.baseUrl,
      apiKey: 'secret',
      textsPerCall: 2,
      price: 2,
    });
    const vectors = await model.embed(['a', 'bb', 'ccc'], { observe: (record) => void records.push(record) });
    expect(vectors.map((vector) => [...vector])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(
      server.requests.map(({ path, body, headers }) => [path, body.model, headers.authorization]),
    ).toEqual([
      ['/v1/embeddings', 'embedder', 'Bearer secret'],
      ['/v1/embeddings', 'embedder', 'Bearer secret'],
    ]);
    expect(records).toMatchObject([{ usage: { inputTokens: 7 }, costUsd: 14 / 1e6 }, {}]);
    expect(await model.embed([])).toEqual([]);
    expect(server.count).toBe(2);
  });

  test.each([
    { why: 'too few vectors', reply: { body: { data: [] } }, code: 'HONE_MODEL_BAD_REPLY' },
    { why: 'no JSON', reply: { body: 'hello' }, code: 'HONE_MODEL_BAD_REPLY' },
    { why: 'no numbers', reply: { body: { data: [{ embedding: 'AAAA' }] } }, code: 'HONE_MODEL_BAD_REPLY' },
    { why: 'nulls', reply: { body: { data: [{ embedding: [null, 1] }] } }, code: 'HONE_MODEL_BAD_REPLY' },
    {
      why: 'a wrong key',
      reply: { status: 401, body: { error: { message: 'bad key secret' } } },
      code: 'HONE_MODEL_AUTHENTICATION',
    },
  ])('$why is $code, and no key is shown', async ({ reply, code }) => {
    await using server = await openLoopbackServer(() => reply);
    const model = openaiCompatibleEmbedding({ modelId: 'm', baseUrl: server.baseUrl, apiKey: 'secret' });
    const thrown = await model.embed(['a']).catch((cause: unknown) => cause);
    expect(thrown).toMatchObject({ code });
    expect(String((thrown as Error).message)).not.toContain('secret');
  });

  test('a crowded server is asked again after as long as it says, a wrong request is not', async () => {
    await using server = await openLoopbackServer((_, index) =>
      index < 2
        ? { status: 429, headers: { 'retry-after': '7' }, body: { error: { message: 'slow down' } } }
        : { body: { data: [{ embedding: [1, 2] }] } },
    );
    const slept: number[] = [];
    const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) };
    const model = openaiCompatibleEmbedding({ modelId: 'm', baseUrl: server.baseUrl });
    expect(await withEmbeddingRetry(model, { clock }).embed(['a'])).toHaveLength(1);
    expect(slept).toEqual([7000, 7000]);
    await using refusing = await openLoopbackServer(() => ({
      status: 400,
      body: { error: { message: 'no' } },
    }));
    const refused = withEmbeddingRetry(
      openaiCompatibleEmbedding({ modelId: 'm', baseUrl: refusing.baseUrl }),
      { clock },
    );
    await expect(refused.embed(['a'])).rejects.toMatchObject({ code: 'HONE_MODEL_REJECTED' });
    expect(refusing.count).toBe(1);
  });
});

describe('fromAiSdkEmbedding', () => {
  const sdk = (specificationVersion: string, asked: string[][] = []) => ({
    specificationVersion,
    provider: 'openai.embedding',
    modelId: 'text-embedding-3-small',
    maxEmbeddingsPerCall: 2,
    supportsParallelCalls: true,
    doEmbed: async ({ values }: { values: string[] }) => {
      asked.push(values);
      return { embeddings: values.map(vectorOf), usage: { tokens: 4 } };
    },
  });

  test.each(['v2', 'v3', 'v4'])(
    'asks a model of specification %s in parts of what it takes',
    async (version) => {
      const asked: string[][] = [];
      const records: CallRecord[] = [];
      const model = fromAiSdkEmbedding(sdk(version, asked));
      expect(model.id).toBe('openai/text-embedding-3-small');
      const vectors = await model.embed(['a', 'bb', 'ccc'], {
        observe: (record) => void records.push(record),
      });
      expect(vectors.map((vector) => [...vector])).toEqual([
        [1, 1],
        [2, 1],
        [3, 1],
      ]);
      expect(asked).toEqual([['a', 'bb'], ['ccc']]);
      expect(records.map(({ usage, costUsd }) => [usage.inputTokens, costUsd])).toEqual([
        [4, undefined],
        [4, undefined],
      ]);
    },
  );

  test('a version that is not known is refused, and what it throws gets a code', async () => {
    expect(() => fromAiSdkEmbedding(sdk('v1'))).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
    );
    expect(isAiSdkEmbeddingModel(sdk('v3'))).toBe(true);
    expect(isAiSdkEmbeddingModel({ specificationVersion: 'v3', doGenerate: () => 1 })).toBe(false);
    const broken = { ...sdk('v3'), doEmbed: () => Promise.reject(new TypeError('odd')) };
    await expect(fromAiSdkEmbedding(broken).embed(['a'])).rejects.toMatchObject({
      code: expect.stringMatching(/^HONE_MODEL_/),
    });
  });
});
