import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { embeddedEmbeddingModel } from './embedded.ts';
import { defaultModelFolder, defaultRuntimeFolder } from './embedded-folders.ts';
import { cosineSimilarity } from './embedding-model.ts';

const surroundings = { env: process.env, platform: process.platform, homeFolder: homedir() };

test('the embedded model turns texts into vectors, the same each time, and nearer ones for nearer texts', async () => {
  const model = embeddedEmbeddingModel({
    modelFolder: defaultModelFolder(surroundings),
    modelPath: process.env.HONE_MODEL_PATH,
    runtimeFolder: defaultRuntimeFolder(surroundings),
    projectFolder: process.cwd(),
  });
  try {
    const texts = ['I want my money back.', 'Please refund my money.', 'The router blinks red.', ''];
    const records: number[] = [];
    const first = await model.embed(texts, {
      observe: ({ usage }) => void records.push(usage.inputTokens ?? -1),
    });
    const again = await model.embed(texts);
    expect(first).toHaveLength(4);
    expect(new Set(first.map((vector) => vector.length)).size).toBe(1);
    expect(again.map((vector) => [...vector])).toEqual(first.map((vector) => [...vector]));
    expect(records[0]).toBeGreaterThan(10);
    const [refund, money, router] = first as [Float32Array, Float32Array, Float32Array];
    expect(cosineSimilarity(refund, money)).toBeGreaterThan(cosineSimilarity(refund, router));
    await expect(model.embed(['word '.repeat(5_000)])).rejects.toMatchObject({
      code: 'HONE_MODEL_CONTEXT_OVERFLOW',
    });
    expect(await model.embed([])).toEqual([]);
  } finally {
    await model.dispose?.();
  }
}, 120_000);
