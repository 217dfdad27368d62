import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { EmbeddingModel } from '../model/embedding-model.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { embeddingSimilarity } from './embedding-similarity.ts';

/** Vectors by how often the letters a, b and c come: enough to tell texts apart by rule. */
function letterModel(id = 'test/letters', calls: string[][] = []): EmbeddingModel {
  return {
    id,
    inProcess: true,
    async embed(texts, { observe } = {}) {
      if (texts.length === 0) return [];
      calls.push([...texts]);
      observe?.({ usage: { inputTokens: texts.length }, costUsd: 0.001, latencyMs: 3 });
      return texts.map((text) =>
        Float32Array.from(['a', 'b', 'c'].map((letter) => text.split(letter).length - 1)),
      );
    },
  };
}

const sample = (answer: string | undefined, expected: string) => ({
  example: { id: 'row-1', inputs: {}, expected: { answer: expected } },
  outputs: answer === undefined ? {} : { answer },
  trace: [],
});

describeScorer('embeddingSimilarity', () => embeddingSimilarity('answer', { model: letterModel() }), {
  samples: [
    { outputs: { answer: 'aab' }, expected: { answer: 'aab' } },
    { outputs: { answer: 'c' }, expected: { answer: 'aab' } },
  ],
  variants: [
    () => embeddingSimilarity('answer', { model: letterModel('test/others') }),
    () => embeddingSimilarity('answer', { model: { ...letterModel(), endpoint: 'elsewhere' } }),
    () => embeddingSimilarity('answer', { model: letterModel(), floor: 0.5 }),
    () => embeddingSimilarity('answer', { model: letterModel(), atLeast: 0.9 }),
  ],
});

describe('embeddingSimilarity', () => {
  test.each([
    { answer: 'ab', expected: 'ab', floor: 0, value: 1 },
    { answer: 'a', expected: 'ab', floor: 0, value: Math.SQRT1_2 },
    { answer: 'a', expected: 'ab', floor: 0.5, value: 2 * (Math.SQRT1_2 - 0.5) },
    { answer: 'a', expected: 'b', floor: 0, value: 0 },
    { answer: 'a', expected: 'b', floor: 0.5, value: 0 },
    { answer: '', expected: 'b', floor: 0, value: 0 },
    { answer: undefined, expected: 'b', floor: 0, value: 0 },
  ])('of $answer and $expected with floor $floor is $value', async ({ answer, expected, floor, value }) => {
    const result = await embeddingSimilarity('answer', { model: letterModel(), floor }).score(
      sample(answer, expected),
    );
    expect(result).toMatchObject({ value: expect.closeTo(value, 6) });
  });

  test('the expected text is embedded once, and equal texts ask nothing', async () => {
    const calls: string[][] = [];
    const scorer = embeddingSimilarity('answer', { model: letterModel('test/letters', calls) });
    await scorer.score(sample('a', 'ab'));
    await scorer.score(sample('b', 'ab'));
    await scorer.score(sample('ab', 'ab'));
    expect(calls).toEqual([['ab', 'a'], ['b']]);
  });

  test('its calls are counted with the row, as a judge’s', async () => {
    const counted: unknown[] = [];
    const runtime = { models: {}, draw: '0', count: (call: unknown) => void counted.push(call) };
    await embeddingSimilarity('answer', { model: letterModel() }).score({ ...sample('a', 'b'), runtime });
    expect(counted).toMatchObject([{ role: 'judge', modelId: 'test/letters', record: { costUsd: 0.001 } }]);
  });

  test('a fault of the model passes through, so that the row is lost and not scored', async () => {
    const gone = new HoneError('gone', { code: 'HONE_MODEL_UNREACHABLE', facts: { retryable: false } });
    const model: EmbeddingModel = { id: 'test/gone', embed: () => Promise.reject(gone) };
    await expect(embeddingSimilarity('answer', { model }).score(sample('a', 'b'))).rejects.toBe(gone);
  });

  test('vectors of two lengths, or too few, are a fault, never a score', async () => {
    const lengths: EmbeddingModel = {
      id: 'test/odd',
      embed: async (texts) => texts.map((_, index) => Float32Array.from({ length: index + 1 }, () => 1)),
    };
    const none: EmbeddingModel = { id: 'test/none', embed: async () => [] };
    for (const model of [lengths, none]) {
      await expect(
        (async () => embeddingSimilarity('answer', { model }).score(sample('a', 'b')))(),
      ).rejects.toMatchObject({ code: 'HONE_MODEL_BAD_REPLY' });
    }
  });

  test('what is no embedding model is refused where it is written', () => {
    expect(() => embeddingSimilarity('answer', { model: 'text-embedding-3-small' as never })).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
    );
  });
});
