import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { type EmbeddingModel, type EmbedOptions, requireVectors } from '../embedding-model.ts';
import { readCount } from '../read-count.ts';
import { aiSdkFailure } from './ai-sdk-errors.ts';
import { findServer } from './openai-compatible-servers.ts';

/**
 * What Hone reads of an AI SDK embedding model of specification V2, V3 or V4.
 *
 * @see https://github.com/vercel/ai/tree/main/packages/provider/src/embedding-model
 */
export interface AiSdkEmbeddingModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  readonly maxEmbeddingsPerCall?: number | undefined | PromiseLike<number | undefined>;
  // The options differ between the versions of the specification; only these are given.
  readonly doEmbed: (options: { values: string[]; abortSignal?: AbortSignal | undefined }) => PromiseLike<{
    readonly embeddings: readonly (readonly number[])[];
    readonly usage?: { readonly tokens: number } | undefined;
  }>;
}

export interface FromAiSdkEmbeddingOptions {
  /** Where the vectors come from. @default the name of the model's provider */
  readonly endpoint?: string | undefined;
  /** US dollars per million tokens. @default unknown */
  readonly price?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Whether a value is an embedding model of the AI SDK, whatever its version. */
export function isAiSdkEmbeddingModel(value: unknown): value is AiSdkEmbeddingModel {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AiSdkEmbeddingModel>).specificationVersion === 'string' &&
    typeof (value as Partial<AiSdkEmbeddingModel>).doEmbed === 'function'
  );
}

/**
 * An embedding model of the AI SDK (specification V2, V3 or V4) as a Hone embedding model. Only `doEmbed` is called,
 * which makes one attempt.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a version that Hone does not know. Calls reject with `HONE_MODEL_…`.
 */
export function fromAiSdkEmbedding(
  model: AiSdkEmbeddingModel,
  options: FromAiSdkEmbeddingOptions = {},
): EmbeddingModel {
  const { provider, modelId, specificationVersion } = model;
  if (!/^v[234]$/.test(specificationVersion)) {
    throw new HoneError(
      `The AI SDK embedding model ${provider}/${modelId} has the specification "${specificationVersion}"; Hone knows v2, v3 and v4.`,
      {
        code: 'HONE_OPTION_INVALID',
        hint: 'Install a version of its package that goes with ai 5, 6 or 7, or update Hone.',
      },
    );
  }
  const { endpoint = `ai-sdk:${provider}`, price, clock = systemClock } = options;
  const name = provider.split('.')[0] ?? provider;
  const asked = { modelId, endpoint, keyVariable: findServer({ name })?.keyVariable, secrets: [] };

  const embedPart = async (values: string[], { signal, observe }: EmbedOptions) => {
    const startedAt = clock.monotonic();
    try {
      const { embeddings, usage } = await model.doEmbed({ values, abortSignal: signal });
      const vectors = embeddings.map((vector) => Float32Array.from(vector));
      const inputTokens = readCount(usage?.tokens);
      observe?.({
        usage: { inputTokens, outputTokens: 0 },
        latencyMs: clock.monotonic() - startedAt,
        ...(price !== undefined && inputTokens !== undefined && { costUsd: (inputTokens * price) / 1e6 }),
      });
      return requireVectors(vectors, { texts: values.length, modelId });
    } catch (thrown) {
      throw signal?.aborted ? signal.reason : aiSdkFailure(thrown, asked, clock.now());
    }
  };

  return {
    id: `${name}/${modelId}`,
    endpoint,
    async embed(texts, call = {}) {
      call.signal?.throwIfAborted();
      const size = Math.max(1, (await model.maxEmbeddingsPerCall) ?? 96);
      const vectors: Float32Array[] = [];
      for (let start = 0; start < texts.length; start += size) {
        vectors.push(...(await embedPart(texts.slice(start, start + size), call)));
      }
      return requireVectors(vectors, { texts: texts.length, modelId });
    },
  };
}
