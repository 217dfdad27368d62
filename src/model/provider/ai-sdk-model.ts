import type { Json, JsonObject } from '../../base/json.ts';

/**
 * What Hone reads of an AI SDK language model of specification V2, V3 or V4. Written down here rather than
 * imported, so that models of any of these versions fit and `ai` is never needed.
 *
 * @see https://github.com/vercel/ai/tree/main/packages/provider/src/language-model
 */
export interface AiSdkLanguageModel {
  readonly specificationVersion: 'v2' | 'v3' | 'v4';
  /** 'openai.responses', 'anthropic.messages' */
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: AiSdkCallOptions): PromiseLike<AiSdkResult>;
  doStream(options: AiSdkCallOptions): PromiseLike<{ readonly stream: ReadableStream<AiSdkStreamPart> }>;
}

export interface AiSdkCallOptions {
  readonly prompt: readonly AiSdkMessage[];
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly stopSequences?: string[] | undefined;
  readonly seed?: number | undefined;
  readonly responseFormat?:
    | { readonly type: 'json'; readonly name: string; readonly schema: JsonObject }
    | undefined;
  readonly tools?: readonly AiSdkTool[] | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  readonly providerOptions?: JsonObject | undefined;
}

/** A call as an app makes it: with whatever the specification of its version knows beside what Hone asks. */
export interface AiSdkAppCall {
  readonly prompt: readonly AiSdkAppMessage[];
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly responseFormat?: { readonly type: string; readonly schema?: unknown } | undefined;
  /** Functions, and tools of the provider's own. */
  readonly tools?:
    | readonly {
        readonly type: string;
        readonly name: string;
        readonly description?: string | undefined;
        readonly inputSchema?: unknown;
      }[]
    | undefined;
  readonly toolChoice?: { readonly type: string } | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  readonly providerOptions?: unknown;
}

export interface AiSdkAppMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly AiSdkAppPart[];
}

/** A part of a message, of any kind and version. */
export interface AiSdkAppPart {
  readonly type: string;
  readonly text?: string | undefined;
  readonly data?: unknown;
  readonly mediaType?: string | undefined;
  readonly filename?: string | undefined;
  readonly toolCallId?: string | undefined;
  readonly toolName?: string | undefined;
  readonly input?: unknown;
  readonly output?: { readonly type: string; readonly value?: unknown } | undefined;
}

export interface AiSdkTool {
  readonly type: 'function';
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
}

export type AiSdkMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user' | 'assistant' | 'tool'; readonly content: readonly AiSdkPromptPart[] };

export type AiSdkPromptPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'file';
      readonly mediaType: string;
      readonly filename?: string | undefined;
      /** Bare in V2 and V3, tagged in V4. */
      readonly data:
        | string
        | URL
        | { readonly type: 'data'; readonly data: string }
        | { readonly type: 'url'; readonly url: URL };
    }
  | {
      readonly type: 'tool-call';
      readonly toolCallId: string;
      readonly toolName: string;
      readonly input: Json;
    }
  | {
      readonly type: 'tool-result';
      readonly toolCallId: string;
      readonly toolName: string;
      readonly output: { readonly type: 'text'; readonly value: string };
    };

export interface AiSdkResult {
  readonly content: readonly AiSdkContent[];
  /** A string in V2, with its raw form beside it from V3 on. */
  readonly finishReason: AiSdkFinishReason;
  readonly usage: AiSdkUsage;
  readonly providerMetadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** What the provider's package left out of the request or changed in it. */
  readonly warnings?: readonly AiSdkWarning[] | undefined;
  readonly response?: { readonly body?: unknown } | undefined;
}

/** `setting` in V2, `feature` from V3 on. */
export interface AiSdkWarning {
  readonly type: string;
  readonly setting?: string | undefined;
  readonly feature?: string | undefined;
  readonly details?: string | undefined;
  readonly message?: string | undefined;
}

export type AiSdkFinishReason = string | { readonly unified: string; readonly raw?: string | undefined };

export interface AiSdkContent {
  readonly type: string;
  readonly text?: string | undefined;
  readonly toolCallId?: string | undefined;
  readonly toolName?: string | undefined;
  readonly input?: unknown;
}

/** Flat in V2, nested from V3 on. */
export interface AiSdkUsage {
  readonly inputTokens?: number | { readonly total?: number; readonly cacheRead?: number } | undefined;
  readonly outputTokens?: number | { readonly total?: number; readonly reasoning?: number } | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

export interface AiSdkStreamPart extends AiSdkContent {
  readonly delta?: string | undefined;
  readonly finishReason?: AiSdkFinishReason | undefined;
  readonly usage?: AiSdkUsage | undefined;
  readonly providerMetadata?: AiSdkResult['providerMetadata'];
  readonly error?: unknown;
  /** Of the part `stream-start`. */
  readonly warnings?: readonly AiSdkWarning[] | undefined;
}

/** A language model of any AI SDK version, before it is known to be one that Hone can ask. */
export interface AnyAiSdkModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  // The options differ between the versions of the specification; only ever called through the type above.
  readonly doGenerate: (options: never) => PromiseLike<unknown>;
  readonly doStream: (options: never) => PromiseLike<unknown>;
}

/** Whether a value is a language model of the AI SDK, whatever its version. */
export function isAiSdkModel(value: unknown): value is AnyAiSdkModel {
  if (typeof value !== 'object' || value === null) return false;
  const { specificationVersion, doGenerate } = value as Partial<AnyAiSdkModel>;
  return typeof specificationVersion === 'string' && typeof doGenerate === 'function';
}

/** Whether Hone knows the version of a language model. */
export function isKnownVersion(model: AnyAiSdkModel): model is AnyAiSdkModel & AiSdkLanguageModel {
  return /^v[234]$/.test(model.specificationVersion);
}
