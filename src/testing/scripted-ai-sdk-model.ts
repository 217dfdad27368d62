import type { ModelResponse } from '../model/model.ts';
import type { AiSdkAppCall, AiSdkResult } from '../model/provider/ai-sdk-model.ts';
import { aiSdkResult, streamOfResult } from '../model/provider/ai-sdk-result.ts';

/** A text, or parts of an answer, with what the provider says beside it. */
export type ScriptedAiSdkReply =
  | string
  | (Partial<Pick<ModelResponse, 'text' | 'reasoning' | 'toolCalls' | 'usage'>> & {
      readonly metadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
    });

export interface ScriptedAiSdkModelOptions {
  /** Of the specification. @default 'v3' */
  readonly version?: 'v2' | 'v3' | 'v4' | undefined;
  /** @default 'model' */
  readonly modelId?: string | undefined;
  respond(call: AiSdkAppCall): ScriptedAiSdkReply | Promise<ScriptedAiSdkReply>;
}

/** A language model of the AI SDK that answers what it is told to, and remembers what it was asked. */
export interface ScriptedAiSdkModel {
  readonly specificationVersion: 'v2' | 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: Readonly<Record<string, RegExp[]>>;
  readonly calls: readonly AiSdkAppCall[];
  doGenerate(call: AiSdkAppCall): Promise<AiSdkResult>;
  doStream(call: AiSdkAppCall): Promise<{ readonly stream: ReadableStream<unknown> }>;
}

/** For tests of apps that are built on the AI SDK. */
export function scriptedAiSdkModel(options: ScriptedAiSdkModelOptions): ScriptedAiSdkModel {
  const { version = 'v3', modelId = 'model', respond } = options;
  const calls: AiSdkAppCall[] = [];
  const doGenerate = async (call: AiSdkAppCall): Promise<AiSdkResult> => {
    calls.push(call);
    const reply = await respond(call);
    const { text = '', metadata, ...rest } = typeof reply === 'string' ? { text: reply } : reply;
    const finishReason = rest.toolCalls === undefined ? 'stop' : 'tool-calls';
    const usage = { inputTokens: 10, outputTokens: 5 };
    const result = aiSdkResult({ text, finishReason, usage, latencyMs: 0, ...rest }, version);
    return metadata === undefined ? result : { ...result, providerMetadata: metadata };
  };
  return {
    specificationVersion: version,
    provider: 'scripted.chat',
    modelId,
    supportedUrls: {},
    calls,
    doGenerate,
    doStream: async (call) => ({ stream: streamOfResult(await doGenerate(call)) }),
  };
}
