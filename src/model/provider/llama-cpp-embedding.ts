import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import type { LlamaEmbeddingContext } from 'node-llama-cpp';
import { abortable } from '../../base/abort.ts';
import { systemClock } from '../../base/clock.ts';
import { createMutex } from '../../base/concurrency.ts';
import { HoneError, toHoneError } from '../../base/errors.ts';
import { modelFileSha256 } from '../embedded-file.ts';
import { type EmbeddingModel, requireVectors } from '../embedding-model.ts';
import type { LlamaCppOptions } from './llama-cpp.ts';
import { type Engine, loadEngine } from './llama-cpp-engine.ts';

/** Most tokens of one text that is embedded. */
const contextTokens = 2048;

/**
 * A GGUF model in this process as an embedding model, one text at a time. Any model gives vectors; those that were
 * trained to embed give better ones, and a text model's are good for near copies more than for meaning. A text that is
 * longer than the model takes is refused, never cut.
 *
 * Calls fail with `HONE_MODEL_FILE_INVALID`, `HONE_MISSING_DEPENDENCY` or `HONE_MODEL_CONTEXT_OVERFLOW`.
 */
export function llamaCppEmbedding(options: LlamaCppOptions): EmbeddingModel {
  const {
    modelPath,
    runtime,
    modelId = `local/${basename(modelPath, extname(modelPath))}`,
    sha256 = modelFileSha256(modelPath),
    gpu = false,
    clock = systemClock,
  } = options;
  const exclusive = createMutex();
  let loaded: { readonly engine: Engine; readonly context: LlamaEmbeddingContext } | undefined;

  const load = async (signal: AbortSignal | undefined) => {
    const engine = await loadEngine(
      {
        modelPath,
        runtime,
        gpu,
        cores: options.cores ?? availableParallelism(),
        threads: options.threads,
        prefixSlots: 1,
        prefixMemoryBytes: 0,
        monotonic: () => clock.monotonic(),
      },
      signal,
    );
    const context = await engine.model.createEmbeddingContext({
      contextSize: Math.min(contextTokens, engine.model.trainContextSize),
      createSignal: signal,
    });
    return { engine, context };
  };

  const embedOne = async (text: string, { engine, context }: NonNullable<typeof loaded>) => {
    const tokens = engine.model.tokenize(text);
    const most = Math.min(contextTokens, engine.model.trainContextSize) - 2;
    if (tokens.length > most) {
      throw new HoneError(
        `A text of ${tokens.length} tokens is too long for ${modelId}, which takes ${most}.`,
        {
          code: 'HONE_MODEL_CONTEXT_OVERFLOW',
          hint: 'Compare shorter texts, or take an embedding model that takes longer ones.',
          facts: { modelId, retryable: false },
        },
      );
    }
    // A text without a token has no vector of its own; a space is as near to nothing as there is.
    const { vector } = await context.getEmbeddingFor(tokens.length === 0 ? ' ' : tokens);
    return { vector: Float32Array.from(vector), tokens: tokens.length };
  };

  return {
    id: modelId,
    endpoint: `llama-cpp:${sha256}:node-llama-cpp@${runtime.version}:${gpu ? 'gpu' : 'cpu'}:embedding`,
    maxConcurrency: 1,
    inProcess: true,
    embed(texts, { signal, observe } = {}) {
      const work = exclusive(async () => {
        signal?.throwIfAborted();
        if (texts.length === 0) return [];
        try {
          loaded ??= await load(signal);
          const startedAt = clock.monotonic();
          const vectors: Float32Array[] = [];
          let inputTokens = 0;
          for (const text of texts) {
            signal?.throwIfAborted();
            const { vector, tokens } = await embedOne(text, loaded);
            vectors.push(vector);
            inputTokens += tokens;
          }
          observe?.({
            usage: { inputTokens, outputTokens: 0 },
            costUsd: 0,
            latencyMs: clock.monotonic() - startedAt,
          });
          return requireVectors(vectors, { texts: texts.length, modelId });
        } catch (thrown) {
          signal?.throwIfAborted();
          throw toHoneError(thrown, {
            code: 'HONE_MODEL_SERVER',
            hint: 'Run the command again; if it stays, fetch the model anew with `hone models pull`.',
          });
        }
      });
      return abortable(work, signal);
    },
    dispose: () =>
      exclusive(async () => {
        const open = loaded;
        loaded = undefined;
        await open?.context.dispose();
        await open?.engine.dispose();
      }),
  };
}
