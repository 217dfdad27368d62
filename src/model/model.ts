import { followSignal } from '../base/abort.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Content } from './content.ts';
import { streamThrough } from './stream-through.ts';

export type MessageRole = 'system' | 'user' | 'assistant' | 'tool';

/** One message of a conversation. */
export interface Message {
  readonly role: MessageRole;
  readonly content: Content;
  /** Of an assistant: the tools that it asked for. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** Of a tool: which call this answers. */
  readonly toolCallId?: string | undefined;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them: JSON text, perhaps broken. */
  readonly arguments: string;
}

/** A tool that the model may call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
}

/** One whole request. It is JSON, and all of it is part of the key of a stored answer. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  /**
   * How a model that takes plain text is asked: `chat` through its template, `completion` by continuing the
   * contents of the messages, joined as they are. A model that only chats gets a completion as one user
   * message. @default 'chat'
   */
  readonly layout?: 'chat' | 'completion' | undefined;
  /**
   * How many leading messages every row of this candidate shares: the place where a local model splits its
   * evaluation and keeps its state. @default 0
   */
  readonly sharedMessages?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** 0 for the most likely answer. Left out: the provider's default. */
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** Asks for JSON of this schema, by the provider's own means or a grammar where there is one. */
  readonly responseSchema?: JsonObject | undefined;
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** Asks for the log-probabilities of the answer's tokens where the server gives them. @default false */
  readonly tokenLogProbabilities?: boolean | undefined;
  /** Passed to the provider as it is. */
  readonly providerOptions?: JsonObject | undefined;
}

/** Tokens of one call. What the provider does not say is undefined, never 0. */
export interface Usage {
  readonly inputTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

/** Why an answer ended. After `content-filter` there is no answer that can be used, whatever its text. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other';

/** What every answer says about its making. An answer from the cache keeps its original figures. */
export interface CallRecord {
  readonly usage: Usage;
  /** US dollars; undefined when the price is unknown. */
  readonly costUsd?: number | undefined;
  /** Milliseconds of the call that produced the answer, waiting for limits excluded. */
  readonly latencyMs: number;
  /** Whether a stored answer was read instead of calling. @default false */
  readonly cached?: boolean | undefined;
  /** How many failed attempts came before. @default 0 */
  readonly retries?: number | undefined;
  /**
   * Which request this answers: the key of the answer cache, the same for a new, a stored and a shared answer,
   * so that a run can count each distinct request once. Undefined where no cache is in the path.
   */
  readonly key?: string | undefined;
  /**
   * What the reader of a result should know about how it was made, in whole sentences: an option that the
   * server refused and that was left out, for example. On every such answer, so that it is known after a
   * replay as well; whoever shows them says each once.
   */
  readonly notices?: readonly string[] | undefined;
}

export interface ModelResponse extends CallRecord {
  /** Empty when the model gave none; `finishReason` and `reasoning` then tell why. */
  readonly text: string;
  /** What the model thought, kept where it thought and left no text. */
  readonly reasoning?: string | undefined;
  /** What the model said when it declined to answer, where its server tells that apart from an answer. */
  readonly refusal?: string | undefined;
  readonly toolCalls?: readonly ToolCall[] | undefined;
  readonly finishReason: FinishReason;
  /** The provider's whole result as JSON, where the whole call of an app was asked; see `aiSdkCalls`. */
  readonly providerResult?: JsonObject | undefined;
  readonly tokenLogProbabilities?:
    | readonly { readonly token: string; readonly logProbability: number }[]
    | undefined;
}

/** Log-probabilities (natural logarithm) of whole choices, in their order, each with the end of the answer. */
export interface ChoiceScores extends CallRecord {
  readonly logProbabilities: readonly number[];
}

/** Log-probability of every token of a text, given those before it. */
export interface TokenScores extends CallRecord {
  readonly tokens: readonly { readonly text: string; readonly logProbability: number }[];
}

export type ModelDelta =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'finish'; readonly response: ModelResponse };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Which independent answer to the same request this is: the trial number for a row; run seed, scope path,
   * label and index for a sampled request of an optimizer. @default '0'
   */
  readonly draw?: string | undefined;
  /** Longest time of one attempt in milliseconds, where that is less than the path allows. */
  readonly timeoutMs?: number | undefined;
  /** Kept by the call path for its own sums; models leave it alone. */
  readonly account?: CallAccount | undefined;
}

/** What a call under way may have cost beside its answer. */
export interface CallAccount {
  /**
   * Attempts that the provider may have charged although no answer came back; undefined while no part of the
   * path counts them.
   */
  unanswered: number | undefined;
}

export interface ModelCapabilities {
  /** Whether `scoreChoices` exists. */
  readonly choiceScores: boolean;
  readonly tokenScores: boolean;
  /** Whether `responseSchema` is enforced rather than asked for. */
  readonly jsonSchema: boolean;
  readonly tools: boolean;
  /** Whether plain text can be continued without a chat template. */
  readonly completion: boolean;
  /**
   * The version of the AI SDK's specification whose calls it takes whole, with everything that a request of Hone
   * cannot say. @default none
   */
  readonly aiSdkCalls?: 'v2' | 'v3' | 'v4' | undefined;
}

/**
 * One model behind one endpoint. Implementations only call: caching, retries, limits and prices are
 * middleware. Errors are HoneErrors with a `HONE_MODEL_…` code; `facts.retryable` says whether trying again
 * can help, `facts.retryAfterMs` when.
 */
export interface Model {
  /** 'openai/gpt-5-mini', 'local/smollm2-135m-instruct' */
  readonly id: string;
  /** Where the answers come from: part of the key of a stored answer, so that two servers never mix. */
  readonly endpoint: string;
  readonly capabilities: ModelCapabilities;
  /** Most calls that make sense at once: 1 for a model in this process. Left out: no bound of its own. */
  readonly maxConcurrency?: number | undefined;
  generate(request: ModelRequest, options?: CallOptions): Promise<ModelResponse>;
  stream?(request: ModelRequest, options?: CallOptions): AsyncIterable<ModelDelta>;
  scoreChoices?(
    request: ModelRequest,
    choices: readonly string[],
    options?: CallOptions,
  ): Promise<ChoiceScores>;
  scoreTokens?(text: string, options?: CallOptions): Promise<TokenScores>;
  /**
   * Whether it computes in this process: then time-outs, retries and rate limits would only harm it, and it
   * costs nothing. @default false
   */
  readonly inProcess?: boolean | undefined;
  /**
   * Where requests are handed over, when a person, or an agent at work for one, answers them: those that are
   * made together then go out together, however many at once. @default nobody answers by hand
   */
  readonly byHand?: { readonly folder: string } | undefined;
  /** US dollars per million tokens, where known. Used for estimates; costs come with each answer. */
  readonly price?: ModelPrice | undefined;
  /** Frees what the model holds. Safe to call twice. */
  dispose?(): Promise<void>;
}

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number | undefined;
}

/** Middleware wraps a model into a model. */
export type ModelMiddleware = (model: Model) => Model;

/**
 * Wraps every way of asking a model at once, so that a middleware is written as one function. `kind` and
 * `payload` are what identifies the request beside the model. A stream goes through it as the call that it
 * is: same kind, same payload.
 */
export function wrapCalls(
  model: Model,
  around: <Answer extends CallRecord>(call: ModelCall<Answer>) => Promise<Answer>,
): Model {
  const { stream, scoreChoices, scoreTokens } = model;
  return {
    ...model,
    generate: (request, options = {}) =>
      around({
        kind: 'generate',
        payload: request as unknown as Json,
        request,
        options,
        proceed: (changed = options) => model.generate(request, changed),
      }),
    ...(stream && {
      stream: (request, options = {}) => wrapStream({ model, stream, request, options, around }),
    }),
    ...(scoreChoices && {
      scoreChoices: (request, choices, options = {}) =>
        around({
          kind: 'score-choices',
          payload: { request: request as unknown as Json, choices },
          request,
          choices,
          options,
          proceed: (changed = options) => scoreChoices.call(model, request, choices, changed),
        }),
    }),
    ...(scoreTokens && {
      scoreTokens: (text, options = {}) =>
        around({
          kind: 'score-tokens',
          payload: text,
          request: { messages: [{ role: 'user', content: text }] },
          options,
          proceed: (changed = options) => scoreTokens.call(model, text, changed),
        }),
    }),
  };
}

interface WrappedStream {
  readonly model: Model;
  readonly stream: NonNullable<Model['stream']>;
  readonly request: ModelRequest;
  readonly options: CallOptions;
  around(call: ModelCall<ModelResponse>): Promise<ModelResponse>;
}

async function* wrapStream({
  model,
  stream,
  request,
  options,
  around,
}: WrappedStream): AsyncIterable<ModelDelta> {
  // A reader who leaves early ends the call.
  const reader = followSignal(options.signal);
  const followed = { ...options, signal: reader.signal };
  try {
    yield* streamThrough({
      open: (changed) => stream.call(model, request, changed),
      around: (proceed) =>
        around({
          kind: 'generate',
          payload: request as unknown as Json,
          request,
          options: followed,
          proceed: (changed = followed) => proceed(changed),
        }),
    });
  } finally {
    reader.abort(new DOMException('The reader of the stream left.', 'AbortError'));
    reader.release();
  }
}

/** One call on its way through middleware. */
export interface ModelCall<Answer extends CallRecord> {
  readonly kind: 'generate' | 'score-choices' | 'score-tokens';
  /** Everything that identifies the request beside endpoint, model and draw. */
  readonly payload: Json;
  readonly request: ModelRequest;
  /** What is scored, where choices are. */
  readonly choices?: readonly string[] | undefined;
  readonly options: CallOptions;
  proceed(options?: CallOptions): Promise<Answer>;
}
