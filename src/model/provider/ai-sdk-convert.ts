import type { Json, JsonObject } from '../../base/json.ts';
import type {
  CallOptions,
  FinishReason,
  Message,
  ModelRequest,
  ModelResponse,
  ToolCall,
  Usage,
} from '../model.ts';
import type {
  AiSdkCallOptions,
  AiSdkFinishReason,
  AiSdkMessage,
  AiSdkPromptPart,
  AiSdkResult,
  AiSdkUsage,
} from './ai-sdk-model.ts';
import { asOneMessage } from './openai-compatible-request.ts';

export function aiSdkCall(request: ModelRequest, options: CallOptions, provider: string): AiSdkCallOptions {
  const { responseSchema, tools, stopSequences } = request;
  return {
    prompt:
      request.layout === 'completion'
        ? promptOf([asOneMessage(request.messages)])
        : promptOf(request.messages),
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    stopSequences: stopSequences?.length ? [...stopSequences] : undefined,
    seed: request.seed,
    responseFormat: responseSchema && { type: 'json', name: 'answer', schema: responseSchema },
    tools: tools?.length
      ? tools.map(({ name, description, parameters }) => ({
          type: 'function',
          name,
          description,
          inputSchema: parameters,
        }))
      : undefined,
    abortSignal: options.signal,
    providerOptions: providerOptionsOf(request, provider),
  };
}

/** Log-probabilities are no part of the specification; OpenAI's models take them as an option of their own. */
function providerOptionsOf(request: ModelRequest, provider: string): JsonObject | undefined {
  const { providerOptions, tokenLogProbabilities } = request;
  if (!tokenLogProbabilities || provider !== 'openai') return providerOptions;
  const given = providerOptions?.openai;
  return { ...providerOptions, openai: { logprobs: true, ...(given as JsonObject | undefined) } };
}

function promptOf(messages: readonly Message[]): AiSdkMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message): AiSdkMessage => {
    const { role, content, toolCalls = [], toolCallId = '' } = message;
    if (role === 'system') return { role, content };
    if (role === 'tool') {
      const toolName = toolNames.get(toolCallId) ?? '';
      return {
        role,
        content: [{ type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: content } }],
      };
    }
    const parts: AiSdkPromptPart[] =
      content === '' && toolCalls.length > 0 ? [] : [{ type: 'text', text: content }];
    for (const call of toolCalls) {
      toolNames.set(call.id, call.name);
      const input = parsedArguments(call);
      parts.push({ type: 'tool-call', toolCallId: call.id, toolName: call.name, input });
    }
    return { role, content: parts };
  });
}

function parsedArguments(call: ToolCall): Json {
  try {
    return JSON.parse(call.arguments) as Json;
  } catch {
    return call.arguments;
  }
}

export function aiSdkAnswer(result: AiSdkResult, latencyMs: number): ModelResponse {
  const calls = result.content.filter(({ type }) => type === 'tool-call');
  const logProbabilities = readLogProbabilities(result.providerMetadata);
  return {
    text: result.content.map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join(''),
    ...(calls.length > 0 && {
      toolCalls: calls.map(({ toolCallId = '', toolName = '', input }) => ({
        id: toolCallId,
        name: toolName,
        arguments: typeof input === 'string' ? input : JSON.stringify(input ?? {}),
      })),
    }),
    finishReason: readFinishReason(result.finishReason),
    usage: readUsage(result.usage),
    ...(logProbabilities && { tokenLogProbabilities: logProbabilities }),
    latencyMs,
  };
}

const finishReasons: ReadonlySet<string> = new Set<FinishReason>([
  'stop',
  'length',
  'content-filter',
  'tool-calls',
  'error',
]);

function readFinishReason(reason: AiSdkFinishReason): FinishReason {
  const unified = typeof reason === 'string' ? reason : reason?.unified;
  return finishReasons.has(unified) ? (unified as FinishReason) : 'other';
}

function readUsage({
  inputTokens,
  outputTokens,
  cachedInputTokens,
  reasoningTokens,
}: AiSdkUsage = {}): Usage {
  const input = typeof inputTokens === 'object' ? inputTokens : undefined;
  const output = typeof outputTokens === 'object' ? outputTokens : undefined;
  return {
    inputTokens: finite(input === undefined ? inputTokens : input?.total),
    cachedInputTokens: finite(input?.cacheRead ?? cachedInputTokens),
    outputTokens: finite(output === undefined ? outputTokens : output?.total),
    reasoningTokens: finite(output?.reasoning ?? reasoningTokens),
  };
}

/** Providers that do not count say null or NaN. */
function finite(count: unknown): number | undefined {
  return typeof count === 'number' && Number.isFinite(count) ? count : undefined;
}

function readLogProbabilities(
  metadata: AiSdkResult['providerMetadata'],
): ModelResponse['tokenLogProbabilities'] | undefined {
  const listed = metadata?.openai?.logprobs;
  if (!Array.isArray(listed)) return undefined;
  // Chat completions list tokens; responses list one such list for each part of the answer.
  const entries: readonly { readonly token?: unknown; readonly logprob?: unknown }[] = listed.flat();
  const read = entries.flatMap(({ token, logprob }) =>
    typeof token === 'string' && typeof logprob === 'number' ? [{ token, logProbability: logprob }] : [],
  );
  return read.length > 0 ? read : undefined;
}
