import type { Llama, LlamaModel } from 'node-llama-cpp';
import { createMutex } from '../../base/concurrency.ts';
import { HoneError, messageOf } from '../../base/errors.ts';
import { createPromptTokenizer, type PromptTokenizer } from './llama-cpp-prompt.ts';
import { type LlamaModule, type LlamaRuntime, loadLlamaRuntime } from './llama-cpp-runtime.ts';
import { attentionOptions, SlotPool } from './llama-cpp-slots.ts';
import { batchTokens, TokenTape } from './llama-cpp-tape.ts';
import { chooseThreads, type ThreadChoice, type ThreadTrial, ThreadWatch } from './llama-cpp-threads.ts';

export interface EngineOptions {
  readonly runtime: LlamaRuntime;
  readonly modelPath: string;
  readonly gpu: boolean;
  /** Cores of the machine, at least 1. */
  readonly cores: number;
  /** A fixed number of threads instead of the measured one. */
  readonly threads?: number | undefined;
  readonly prefixSlots: number;
  readonly prefixMemoryBytes: number;
  readonly monotonic: () => number;
}

/** A loaded model with everything that answers requests. Its user makes sure of one request at a time. */
export interface Engine {
  readonly library: LlamaModule;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly prompts: PromptTokenizer;
  readonly slots: SlotPool;
  /** Measures the number of threads again when the machine seems to have changed. */
  refresh(signal?: AbortSignal | undefined): Promise<void>;
  dispose(): Promise<void>;
}

// One native back end serves the whole process, and it loads one model at a time.
const backEnds = new Map<string, Promise<Llama>>();
const oneAtATime = createMutex();

/**
 * Loads a model and measures how many threads are fastest now.
 *
 * @throws {HoneError} `HONE_MISSING_DEPENDENCY` without a build for this platform; `HONE_MODEL_FILE_INVALID`
 * when the file is no model that the library can load.
 */
export async function loadEngine(options: EngineOptions, signal?: AbortSignal | undefined): Promise<Engine> {
  const library = await loadLlamaRuntime(options.runtime);
  const { llama, model } = await oneAtATime(async () => {
    signal?.throwIfAborted();
    const backEnd = await openBackEnd(library, options);
    return { llama: backEnd, model: await loadModel(backEnd, options, signal) };
  });
  try {
    const watch = await watchThreads(model, options, signal);
    const slots = new SlotPool({
      model,
      slots: options.prefixSlots,
      memoryBytes: options.prefixMemoryBytes,
      threads: () => watch.threads,
      monotonic: options.monotonic,
      observe: (tokens, elapsedMs) => watch.observe(tokens, elapsedMs),
    });
    return {
      library,
      llama,
      model,
      prompts: createPromptTokenizer(library, model),
      slots,
      refresh: async (refreshSignal) => {
        if (options.threads !== undefined || options.gpu || !watch.isDue(options.monotonic())) return;
        watch.choose(await measureThreads(model, options, refreshSignal), options.monotonic());
      },
      dispose: async () => {
        await slots.dispose();
        await model.dispose();
      },
    };
  } catch (thrown) {
    await model.dispose();
    throw thrown;
  }
}

async function openBackEnd(library: LlamaModule, { runtime, gpu }: EngineOptions): Promise<Llama> {
  const key = `${runtime.folder} ${gpu}`;
  const open = backEnds.get(key);
  if (open) return await open;
  const opening = library.getLlama({
    gpu: gpu ? 'auto' : false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: library.LlamaLogLevel.error,
    // No ceiling here: each context says its own number.
    maxThreads: 0,
  });
  backEnds.set(key, opening);
  try {
    return await opening;
  } catch (cause) {
    backEnds.delete(key);
    throw new HoneError(`node-llama-cpp has no build that works on this machine: ${messageOf(cause)}`, {
      code: 'HONE_MISSING_DEPENDENCY',
      hint: 'Run: hone models pull',
      cause,
    });
  }
}

async function loadModel(
  llama: Llama,
  { modelPath, gpu }: EngineOptions,
  signal: AbortSignal | undefined,
): Promise<LlamaModel> {
  try {
    return await llama.loadModel({
      modelPath,
      gpuLayers: gpu ? 'auto' : 0,
      // Otherwise models with a sliding window forget the end of a long prefix.
      defaultContextSwaFullCache: true,
      loadSignal: signal,
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new HoneError(`The model file ${modelPath} cannot be loaded: ${messageOf(cause)}`, {
      code: 'HONE_MODEL_FILE_INVALID',
      hint: 'Fetch the file again, or choose another GGUF file.',
      cause,
    });
  }
}

async function watchThreads(
  model: LlamaModel,
  options: EngineOptions,
  signal: AbortSignal | undefined,
): Promise<ThreadWatch> {
  const { threads, gpu, cores, monotonic } = options;
  const fixed = threads ?? (gpu ? cores : undefined);
  const choice =
    fixed === undefined
      ? await measureThreads(model, options, signal)
      : { threads: fixed, msPerToken: Number.POSITIVE_INFINITY };
  return new ThreadWatch(cores, choice, monotonic());
}

function measureThreads(
  model: LlamaModel,
  { cores, monotonic }: EngineOptions,
  signal: AbortSignal | undefined,
): Promise<ThreadChoice> {
  const token = model.tokens.bos ?? model.tokens.eos ?? model.tokenize(' a')[0];
  return chooseThreads({
    cores,
    signal,
    start: async (threads): Promise<ThreadTrial> => {
      const context = await model.createContext({
        contextSize: 256,
        batchSize: batchTokens,
        threads,
        ...attentionOptions(model),
      });
      const tape = new TokenTape(context.getSequence(), { monotonic });
      return {
        step: async (tokens) => {
          const before = monotonic();
          await tape.append(token === undefined ? [] : Array.from({ length: tokens }, () => token), signal);
          return monotonic() - before;
        },
        dispose: () => context.dispose(),
      };
    },
  });
}
