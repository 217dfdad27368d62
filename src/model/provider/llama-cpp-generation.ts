import type { Llama, LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp';
import { HoneError, messageOf } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { FinishReason, ModelRequest, ModelResponse } from '../model.ts';
import type { LlamaModule } from './llama-cpp-runtime.ts';
import { batchTokens, type TokenTape } from './llama-cpp-tape.ts';

export interface GenerationOptions {
  readonly library: LlamaModule;
  readonly llama: Llama;
  readonly model: LlamaModel;
  /** The row's tokens, at least one. */
  readonly row: readonly Token[];
  readonly request: ModelRequest;
  /** Texts that end the answer beside those of the request. */
  readonly stopTexts: readonly string[];
  readonly endOfTurn: Token | undefined;
  /** Most tokens of the answer, at least 1. */
  readonly maxTokens: number;
  /** Which independent answer this is; it moves the seed of a sampled one. */
  readonly draw: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Generated {
  readonly text: string;
  readonly tokens: number;
  readonly finishReason: FinishReason;
  readonly tokenLogProbabilities?: ModelResponse['tokenLogProbabilities'];
}

/** Continues the tape's content and the row: the most likely token each time, or a sampled one. */
export async function generateText(tape: TokenTape, options: GenerationOptions): Promise<Generated> {
  const { model, row, request, maxTokens, signal } = options;
  const stops = [...options.stopTexts, ...(request.stopSequences ?? [])].filter((text) => text !== '');
  const grammar = request.responseSchema && (await createGrammar(options, request.responseSchema));
  const lastBatch = (Math.ceil(row.length / batchTokens) - 1) * batchTokens;
  await tape.append(row.slice(0, lastBatch), signal);
  signal?.throwIfAborted();
  const generated: Token[] = [];
  const logProbabilities: { token: string; logProbability: number }[] = [];
  const text = new GrowingText(model, row);
  const steps = tape.sequence.evaluateWithMetadata(
    row.slice(lastBatch),
    { confidence: request.tokenLogProbabilities === true },
    { ...samplingOf(request, options.draw), grammarEvaluationState: grammar },
  );
  const finish = (finishReason: FinishReason, end = text.value.length): Generated => {
    const kept = text.value.slice(0, end);
    return {
      text: grammar ? kept.trim() : kept,
      tokens: generated.length,
      finishReason,
      tokenLogProbabilities: request.tokenLogProbabilities ? logProbabilities : undefined,
    };
  };
  for await (const step of steps) {
    const { token } = step;
    signal?.throwIfAborted();
    if (token === options.endOfTurn) return finish('stop');
    generated.push(token);
    const piece = text.append(token);
    if (request.tokenLogProbabilities) {
      logProbabilities.push({ token: piece, logProbability: Math.log(confidenceOf(step)) });
    }
    const stop = earliest(text.value, stops);
    if (stop !== undefined) return finish('stop', stop);
    if (grammar && isWholeJson(text.value)) return finish('stop');
    if (generated.length >= maxTokens) return finish('length');
  }
  return finish('stop');
}

/** Probability of a generated token; the library's types lose it when it is asked for by a variable. */
function confidenceOf(step: { readonly token: Token; readonly confidence?: number | undefined }): number {
  return step.confidence ?? Number.NaN;
}

/** Text of tokens that arrive one by one, where a character may take several of them. */
class GrowingText {
  readonly #model: LlamaModel;
  #before: readonly Token[];
  #pending: Token[] = [];
  #settled = '';
  value = '';

  constructor(model: LlamaModel, before: readonly Token[]) {
    this.#model = model;
    this.#before = before.slice(-8);
  }

  /** Adds a token and gives the text that it makes certain. */
  append(token: Token): string {
    this.#pending.push(token);
    const piece = this.#model.detokenize(this.#pending, false, this.#before);
    this.value = this.#settled + piece;
    if (piece.endsWith('\uFFFD') && this.#pending.length < 8) return '';
    this.#settled = this.value;
    this.#before = [...this.#before, ...this.#pending].slice(-8);
    this.#pending = [];
    return piece;
  }
}

function samplingOf({ temperature = 0, topP, seed = 0 }: ModelRequest, draw: string) {
  if (temperature <= 0) return { temperature: 0 };
  return {
    temperature,
    // The whole distribution, as the hosted models' default is.
    topP: topP ?? 1,
    topK: 0,
    minP: 0,
    seed: Number.parseInt(sha256(`${seed}/${draw}`).slice(0, 8), 16),
  };
}

async function createGrammar(
  { library, llama, model }: GenerationOptions,
  schema: JsonObject,
): Promise<LlamaGrammarEvaluationState> {
  try {
    const rules = toGrammarSchema(schema) as Parameters<Llama['createGrammarForJsonSchema']>[0];
    const grammar = await llama.createGrammarForJsonSchema(rules);
    return new library.LlamaGrammarEvaluationState({ model, grammar });
  } catch (cause) {
    throw new HoneError(`The answer's JSON schema cannot become a grammar: ${messageOf(cause)}`, {
      code: 'HONE_MODEL_REJECTED',
      hint: 'Use plain objects, arrays, enums, strings, numbers and booleans in the signature.',
      cause,
    });
  }
}

/** The library knows alternatives as `oneOf` only. */
function toGrammarSchema(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(toGrammarSchema);
  if (!isJsonObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key === 'anyOf' ? 'oneOf' : key,
      value === undefined ? null : toGrammarSchema(value),
    ]),
  );
}

/** Whether an object, array or string is closed; a number may always get another digit. */
function isWholeJson(text: string): boolean {
  if (!/[}\]"]\s*$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function earliest(text: string, stops: readonly string[]): number | undefined {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length > 0 ? Math.min(...places) : undefined;
}
