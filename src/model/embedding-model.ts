import { checkMembers } from '../base/check-members.ts';
import { HoneError } from '../base/errors.ts';
import type { CallOptions, CallRecord } from './model.ts';

/**
 * Turns texts into vectors whose direction stands for what they mean. Implementations only call, as those of
 * `Model` do, and fail with the same `HONE_MODEL_…` codes.
 */
export interface EmbeddingModel {
  /** 'openai/text-embedding-3-small', 'local/smollm2-135m-instruct' */
  readonly id: string;
  /** Where the vectors come from: the same name at two servers is two models. @default the id */
  readonly endpoint?: string | undefined;
  /** Most calls that make sense at once: 1 for a model in this process. @default no bound of its own */
  readonly maxConcurrency?: number | undefined;
  /** Whether it computes in this process and costs nothing. @default false */
  readonly inProcess?: boolean | undefined;
  /**
   * One vector a text, in the order of the texts, all of one length; none is scaled to length 1. No text, no
   * vector and no call. A list longer than the server takes is sent in parts.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<readonly Float32Array[]>;
  /** Frees what the model holds. Safe to call twice. */
  dispose?(): Promise<void>;
}

export interface EmbedOptions extends CallOptions {
  /** Told of each request that was made: its tokens, cost and time. @default nobody is told */
  readonly observe?: ((record: CallRecord) => void) | undefined;
}

/**
 * Cosine of the angle between two vectors: −1 (opposite) to 1 (the same direction).
 *
 * @throws {HoneError} `HONE_MODEL_BAD_REPLY` for vectors that cannot be compared: of two lengths, without a
 *   direction, or with what is no number.
 */
export function cosineSimilarity(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length || left.length === 0) {
    throw incomparable(`one has ${left.length} numbers, the other ${right.length}`);
  }
  let product = 0;
  let leftSquare = 0;
  let rightSquare = 0;
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? Number.NaN;
    product += value * other;
    leftSquare += value * value;
    rightSquare += other * other;
  }
  const cosine = product / Math.sqrt(leftSquare * rightSquare);
  if (Number.isNaN(cosine)) throw incomparable('one has no direction');
  return Math.max(-1, Math.min(1, cosine));
}

/**
 * Checks what a caller gives as an embedding model.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is none.
 */
export function checkEmbeddingModel(model: unknown): asserts model is EmbeddingModel {
  checkMembers(model, {
    of: 'The embedding model',
    members: { id: 'text', embed: 'function' },
    hint: 'Give an embedding model of hone-ai/models, or an object with all that `EmbeddingModel` asks for.',
  });
}

/**
 * The vectors of an answer, checked: as many as texts, all of one length, of finite numbers.
 *
 * @throws {HoneError} `HONE_MODEL_BAD_REPLY`, which may be asked again.
 */
export function requireVectors(
  vectors: readonly Float32Array[],
  { texts, modelId }: { readonly texts: number; readonly modelId: string },
): readonly Float32Array[] {
  const width = vectors[0]?.length ?? 0;
  const fault =
    vectors.length !== texts
      ? `${vectors.length} vectors for ${texts} texts`
      : vectors.find((vector) => vector.length !== width || width === 0)
        ? 'vectors of several lengths'
        : vectors.find((vector) => !vector.every(Number.isFinite))
          ? 'a vector with what is no number'
          : undefined;
  if (fault === undefined) return vectors;
  throw new HoneError(`${modelId} answered ${fault}.`, {
    code: 'HONE_MODEL_BAD_REPLY',
    hint: 'Check that the model is one for embeddings.',
    facts: { modelId, retryable: true },
  });
}

function incomparable(why: string): HoneError {
  return new HoneError(`Two vectors cannot be compared: ${why}.`, {
    code: 'HONE_MODEL_BAD_REPLY',
    hint: 'Take both from one embedding model, and check that it answers.',
    facts: { retryable: false },
  });
}
