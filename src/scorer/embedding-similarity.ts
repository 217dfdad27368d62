import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { plainText, trimUnseen } from '../base/plain-text.ts';
import { resolveOptions, withMembers } from '../base/resolve-options.ts';
import { checkEmbeddingModel, cosineSimilarity, type EmbeddingModel } from '../model/embedding-model.ts';
import { withEmbeddingRetry } from '../model/middleware/retry-embedding.ts';
import { gradedField, shown, textOf } from './graded-field.ts';
import type { Sample, Scorer } from './scorer.ts';
import { expectedGot } from './show-value.ts';

/** What the options are checked by. */
export const embeddingSimilaritySchema = z.strictObject({
  model: withMembers<EmbeddingModel>('an embedding model', { id: z.string() }).describe(
    'Makes the vectors; in code only.',
  ),
  floor: z
    .number()
    .min(-1)
    .lt(1)
    .default(0)
    .describe('Cosine that scores 0: that of texts which have nothing to do with each other.'),
  atLeast: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Score from which on it is 1, and 0 below it.')
    .meta({ defaultText: 'the likeness is the score' }),
});

export interface EmbeddingSimilarityOptions {
  /** Makes the vectors; in code only. */
  readonly model: EmbeddingModel;
  /** Cosine that scores 0: that of texts which have nothing to do with each other. @default 0 */
  readonly floor?: number | undefined;
  /** Score from which on it is 1, and 0 below it. @default the likeness is the score */
  readonly atLeast?: number | undefined;
}

/** Vectors that are kept: expected answers come again at every candidate. */
const mostKept = 2_000;

/**
 * How near the output is to the expected text in meaning: the cosine of their vectors, from `floor` (0) to 1. Vectors do
 * not see negation well: "refundable" and "not refundable" are near. An empty output is 0. Calls are counted with the
 * row, as a judge's.
 *
 * @param field The output, and the expected field of the same name; a row without it stays unscored.
 * @throws {HoneError} When scoring, `HONE_MODEL_…` when no vector can be made: the row is lost, not scored.
 */
export function embeddingSimilarity(field: string, given: EmbeddingSimilarityOptions): Scorer {
  const { model, floor, atLeast } = resolveOptions(embeddingSimilaritySchema, given, {
    of: `embeddingSimilarity("${field}")`,
  });
  checkEmbeddingModel(model);
  const vectors = rememberVectors(withEmbeddingRetry(model));
  return gradedField({
    kind: 'embedding-similarity',
    field,
    options: { model: model.id, endpoint: model.endpoint ?? model.id, floor, texts: 'plain' },
    atLeast,
    async compare(expected, actual, sample) {
      const wanted = trimUnseen(plainText(textOf(expected)));
      const got = trimUnseen(plainText(textOf(actual)));
      if (wanted === got) return { value: 1 };
      if (wanted === '' || got === '') return { value: 0, feedback: expectedGot(expected, actual) };
      const [left, right] = await vectors([wanted, got], sample);
      if (left === undefined || right === undefined) throw noVectors(model);
      const value = Math.min(1, Math.max(0, (cosineSimilarity(left, right) - floor) / (1 - floor)));
      return {
        value,
        feedback: `${expectedGot(expected, actual)} Their meanings are ${shown(value)} alike.`,
      };
    },
  });
}

/** Asks for the vectors that are not known yet, in one call. */
function rememberVectors(model: EmbeddingModel) {
  const known = new Map<string, Float32Array>();
  return async (texts: readonly string[], { runtime, signal }: Sample) => {
    const missing = [...new Set(texts)].filter((text) => !known.has(text));
    const made = await model.embed(missing, {
      signal,
      observe: (record) => runtime?.count?.({ role: 'judge', modelId: model.id, record }),
    });
    const found = new Map(missing.map((text, index) => [text, made[index]]));
    for (const [text, vector] of found) if (vector !== undefined) known.set(text, vector);
    const answer = texts.map((text) => known.get(text));
    for (const oldest of known.keys()) {
      if (known.size <= mostKept) break;
      known.delete(oldest);
    }
    return answer;
  };
}

function noVectors({ id }: EmbeddingModel): HoneError {
  return new HoneError(`${id} answered fewer vectors than texts.`, {
    code: 'HONE_MODEL_BAD_REPLY',
    hint: 'Check the embedding model: it must give one vector a text.',
    facts: { modelId: id, retryable: false },
  });
}
