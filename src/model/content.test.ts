import { expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type Content, contentText, joinContents } from './content.ts';
import { fromAiSdk } from './provider/ai-sdk.ts';
import type { AiSdkCallOptions, AiSdkLanguageModel } from './provider/ai-sdk-model.ts';
import { llamaCpp } from './provider/llama-cpp.ts';
import { openaiCompatible } from './provider/openai-compatible.ts';
import { estimateRequestTokens } from './token-count.ts';

const picture: Content = [
  { type: 'text', text: 'What is shown?' },
  { type: 'image', data: 'aGVsbG8=', mediaType: 'image/png' },
  { type: 'file', data: 'https://example.com/a.pdf', mediaType: 'application/pdf', name: 'a.pdf' },
];

test('a content is its text where nothing but text is wanted', () => {
  expect(contentText(picture)).toBe('What is shown?');
  expect(contentText('plain')).toBe('plain');
});

test('texts join to a text, and parts stay parts', () => {
  expect(joinContents(['a', 'b'])).toBe('ab');
  expect(joinContents(['a', picture])).toEqual([{ type: 'text', text: 'a' }, ...picture]);
});

test('a server gets images as addresses, files with their names and sounds with their format', async () => {
  await using server = await openLoopbackServer(() => ({ body: chatCompletion('A cat.') }));
  const model = openaiCompatible({ modelId: 'm', baseUrl: server.baseUrl });
  const sound: Content = [{ type: 'file', data: 'AAAA', mediaType: 'audio/mpeg' }];
  await model.generate({
    messages: [
      { role: 'user', content: picture },
      { role: 'user', content: sound },
    ],
  });
  expect(server.requests[0]?.body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is shown?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'https://example.com/a.pdf' } },
      ],
    },
    { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }] },
  ]);
});

test.each([
  {
    version: 'v2' as const,
    data: 'aGVsbG8=',
    address: new URL('https://example.com/a.pdf'),
  },
  {
    version: 'v4' as const,
    data: { type: 'data', data: 'aGVsbG8=' },
    address: { type: 'url', url: new URL('https://example.com/a.pdf') },
  },
])('an AI SDK model of $version gets file parts in its own form', async ({ version, data, address }) => {
  const calls: AiSdkCallOptions[] = [];
  const model: AiSdkLanguageModel = {
    specificationVersion: version,
    provider: 'test',
    modelId: 'm',
    doGenerate: async (options) => {
      calls.push(options);
      return { content: [{ type: 'text', text: 'A cat.' }], finishReason: 'stop', usage: {} };
    },
    doStream: () => Promise.reject(new Error('not asked')),
  };
  await fromAiSdk(model).generate({ messages: [{ role: 'user', content: picture }] });
  expect(calls[0]?.prompt).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is shown?' },
        { type: 'file', mediaType: 'image/png', data },
        { type: 'file', mediaType: 'application/pdf', filename: 'a.pdf', data: address },
      ],
    },
  ]);
});

test('where only text can stand, an image is refused with its place', async () => {
  const embedded = llamaCpp({
    modelPath: 'none.gguf',
    sha256: 'none',
    runtime: { folder: '/nowhere', version: '0' },
  });
  const server = openaiCompatible({ modelId: 'm', baseUrl: 'http://127.0.0.1:9/v1' });
  const request = { messages: [{ role: 'user' as const, content: picture }] };
  const refusal = { code: 'HONE_MODEL_REJECTED', message: expect.stringContaining('an image (image/png)') };
  await expect(embedded.generate(request)).rejects.toMatchObject(refusal);
  await expect(embedded.scoreChoices?.(request, ['a'])).rejects.toMatchObject(refusal);
  await expect(server.generate({ messages: [{ role: 'system', content: picture }] })).rejects.toMatchObject(
    refusal,
  );
});

test('images and files count by what providers bill, not by the length of their bytes', () => {
  const tokens = (content: Content) => estimateRequestTokens({ messages: [{ role: 'user', content }] });
  const bytes = 'A'.repeat(400_000);
  const image = tokens([{ type: 'image', data: bytes, mediaType: 'image/png' }]);
  expect(image).toBeGreaterThan(1_000);
  expect(image).toBeLessThan(2_000);
  expect(tokens([{ type: 'file', data: bytes, mediaType: 'application/pdf' }])).toBeLessThan(20_000);
  expect(tokens([{ type: 'file', data: bytes, mediaType: 'text/plain' }])).toBeGreaterThan(70_000);
});
