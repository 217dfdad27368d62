import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import type { Token } from 'node-llama-cpp';
import { abortable } from '../../base/abort.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { createMutex } from '../../base/concurrency.ts';
import { HoneError, toHoneError } from '../../base/errors.ts';
import { requireText } from '../content.ts';
import { modelFileSha256 } from '../embedded-file.ts';
import type { CallOptions, ChoiceScores, Model, ModelRequest, ModelResponse, TokenScores } from '../model.ts';
import { type Engine, loadEngine } from './llama-cpp-engine.ts';
import { generateText } from './llama-cpp-generation.ts';
import type { TokenizedPrompt } from './llama-cpp-prompt.ts';
import type { LlamaRuntime } from './llama-cpp-runtime.ts';
import { countTokens, scoreAnswers } from './llama-cpp-scoring.ts';
import { scoreDocument } from './llama-cpp-token-scores.ts';

export interface LlamaCppOptions {
  /** The GGUF file. */
  readonly modelPath: string;
  /** The installed inference library, from `requireLlamaRuntime`. */
  readonly runtime: LlamaRuntime;
  /** @default `local/` and the file's name without its ending */
  readonly modelId?: string | undefined;
  /** SHA-256 of the file in hexadecimal. @default computed from the file */
  readonly sha256?: string | undefined;
  /** Computes on the graphics card where there is one. @default false */
  readonly gpu?: boolean | undefined;
  /** A fixed number of threads. @default the fastest, measured at load and when the machine changes */
  readonly threads?: number | undefined;
  /** How many threads to try at most. @default the cores of this machine */
  readonly cores?: number | undefined;
  /** How many shared prefixes are kept evaluated. @default 8 */
  readonly prefixSlots?: number | undefined;
  /** Most bytes that kept prefixes may take. @default 1 GiB */
  readonly prefixMemoryBytes?: number | undefined;
  readonly clock?: Clock | undefined;
}

const defaultMaxOutputTokens = 256;

/**
 * A GGUF model in this process, through node-llama-cpp. It loads at the first call and answers one call at a
 * time. The same request gives the same bits whatever was asked before: the split points of the evaluation
 * are the end of the shared messages, then the row, then each answer.
 *
 * Calls fail with `HONE_MODEL_FILE_INVALID`, `HONE_MISSING_DEPENDENCY`, `HONE_MODEL_CONTEXT_OVERFLOW` or
 * `HONE_MODEL_REJECTED`.
 */
export function llamaCpp(options: LlamaCppOptions): Model {
  const {
    modelPath,
    runtime,
    modelId = `local/${basename(modelPath, extname(modelPath))}`,
    sha256 = modelFileSha256(modelPath),
    gpu = false,
    clock = systemClock,
  } = options;
  const monotonic = () => clock.monotonic();
  const exclusive = createMutex();
  let engine: Engine | undefined;

  const withEngine = <Result>(
    signal: AbortSignal | undefined,
    work: (engine: Engine) => Promise<Result>,
  ): Promise<Result> => {
    const answer = async () => {
      signal?.throwIfAborted();
      engine ??= await loadEngine(
        {
          modelPath,
          runtime,
          gpu,
          cores: options.cores ?? availableParallelism(),
          threads: options.threads,
          prefixSlots: options.prefixSlots ?? 8,
          prefixMemoryBytes: options.prefixMemoryBytes ?? 1024 ** 3,
          monotonic,
        },
        signal,
      );
      await engine.refresh(signal);
      return await work(engine);
    };
    const turn = exclusive(() => guard(signal, answer));
    return abortable(turn, signal);
  };

  return {
    id: modelId,
    endpoint: `llama-cpp:${sha256}:node-llama-cpp@${runtime.version}:${gpu ? 'gpu' : 'cpu'}`,
    capabilities: { choiceScores: true, tokenScores: true, jsonSchema: true, tools: false, completion: true },
    maxConcurrency: 1,
    inProcess: true,
    generate: async (request, { signal, draw = '0' }: CallOptions = {}) => {
      requireTexts(request, modelId);
      return withEngine(signal, (loaded) => generate(loaded, { request, signal, draw, monotonic }));
    },
    scoreChoices: async (request, choices, { signal }: CallOptions = {}) => {
      requireTexts(request, modelId);
      return withEngine(signal, (loaded) => scoreChoices(loaded, { request, choices, signal, monotonic }));
    },
    scoreTokens: (text, { signal }: CallOptions = {}) =>
      withEngine(signal, (loaded) => scoreTokens(loaded, { text, signal, monotonic })),
    dispose: () =>
      exclusive(async () => {
        const loaded = engine;
        engine = undefined;
        await loaded?.dispose();
      }),
  };
}

/** A model of text alone says so at once, before minutes go into loading it. */
function requireTexts({ messages }: ModelRequest, modelId: string): void {
  for (const { content } of messages) requireText(content, { modelId, place: 'the embedded model' });
}

interface Call {
  readonly signal: AbortSignal | undefined;
  readonly monotonic: () => number;
}

async function generate(
  engine: Engine,
  { request, draw, signal, monotonic }: Call & { readonly request: ModelRequest; readonly draw: string },
): Promise<ModelResponse> {
  if (request.tools && request.tools.length > 0) {
    throw new HoneError('The local model cannot call tools.', {
      code: 'HONE_MODEL_REJECTED',
      hint: 'Choose a hosted model for programs with tools.',
    });
  }
  const startedAt = monotonic();
  const prompt = engine.prompts.tokenize(request);
  const promptTokens = lengthOf(prompt);
  const maxOutputTokens = request.maxOutputTokens ?? defaultMaxOutputTokens;
  const { tape, cachedTokens, contextTokens } = await engine.slots.prepare({
    prefix: prompt.prefix,
    promptTokens,
    answerTokens: 1,
    optionalTokens: maxOutputTokens,
    signal,
  });
  const { text, tokens, finishReason, tokenLogProbabilities } = await generateText(tape, {
    ...engine,
    ...prompt,
    request,
    maxTokens: Math.max(1, Math.min(maxOutputTokens, contextTokens - promptTokens - 1)),
    draw,
    signal,
  });
  return {
    text,
    finishReason,
    tokenLogProbabilities,
    usage: { inputTokens: promptTokens, cachedInputTokens: cachedTokens, outputTokens: tokens },
    latencyMs: monotonic() - startedAt,
  };
}

async function scoreChoices(
  engine: Engine,
  {
    request,
    choices,
    signal,
    monotonic,
  }: Call & { readonly request: ModelRequest; readonly choices: readonly string[] },
): Promise<ChoiceScores> {
  const startedAt = monotonic();
  const prompt = engine.prompts.tokenize(request);
  const end = prompt.endOfTurn === undefined ? [] : [prompt.endOfTurn];
  const answers = withEnd(
    choices.map((choice) => engine.prompts.continuation(choice)),
    end,
  );
  requireAnswers(answers, choices);
  const promptTokens = lengthOf(prompt);
  const { tape, cachedTokens } = await engine.slots.prepare({
    prefix: prompt.prefix,
    promptTokens,
    answerTokens: Math.max(...answers.map((answer) => answer.length)),
    signal,
  });
  const logProbabilities = await scoreAnswers(tape, { row: prompt.row, answers, signal });
  return {
    logProbabilities,
    // What is scored is read, not written.
    usage: {
      inputTokens: promptTokens + countTokens(answers),
      cachedInputTokens: cachedTokens,
      outputTokens: 0,
    },
    latencyMs: monotonic() - startedAt,
  };
}

async function scoreTokens(
  engine: Engine,
  { text, signal, monotonic }: Call & { readonly text: string },
): Promise<TokenScores> {
  const startedAt = monotonic();
  const { opening, tokens } = engine.prompts.document(text);
  const { tape } = await engine.slots.prepare({
    prefix: [],
    promptTokens: tokens.length + 1,
    answerTokens: 0,
    signal,
  });
  return {
    tokens: await scoreDocument(tape, { model: engine.model, opening, tokens, signal }),
    usage: { inputTokens: tokens.length, cachedInputTokens: 0, outputTokens: 0 },
    latencyMs: monotonic() - startedAt,
  };
}

/**
 * The answers with the end of the turn where one of them begins another, which without it would always be at
 * least as likely. Elsewhere the end says nothing about the choice and costs an evaluation for each answer.
 */
function withEnd(
  answers: readonly (readonly Token[])[],
  end: readonly Token[],
): readonly (readonly Token[])[] {
  const texts = answers.map((answer) => `${answer.join(' ')} `);
  const isNeeded = texts.some((text, index) =>
    texts.some((other, at) => at !== index && other.startsWith(text)),
  );
  return isNeeded ? answers.map((answer) => [...answer, ...end]) : answers;
}

function lengthOf({ prefix, row }: TokenizedPrompt): number {
  return prefix.length + row.length;
}

function requireAnswers(answers: readonly (readonly Token[])[], choices: readonly string[]): void {
  const empty = answers.findIndex((answer) => answer.length === 0);
  if (answers.length > 0 && empty === -1) return;
  const what =
    answers.length === 0 ? 'There is no choice' : `Choice ${empty + 1} of ${choices.length} is empty`;
  throw new HoneError(`${what}, so there is nothing to score.`, {
    code: 'HONE_MODEL_REJECTED',
    hint: 'Give every choice at least one character.',
  });
}

/** The library's own errors as ours; what an abort interrupted counts as aborted. */
async function guard<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    signal?.throwIfAborted();
    throw toHoneError(thrown, {
      code: 'HONE_MODEL_SERVER',
      hint: 'Run the command again; if it stays, fetch the model anew with `hone models pull`.',
    });
  }
}
