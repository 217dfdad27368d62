import type { Json, JsonObject } from '../../base/json.ts';
import { sharedBeginningOf } from '../cache-breakpoint.ts';
import { type Content, isAddress, requireText } from '../content.ts';
import type {
  CallOptions,
  FinishReason,
  Message,
  ModelRequest,
  ModelResponse,
  ToolCall,
  Usage,
} from '../model.ts';
import { readCount } from '../read-count.ts';
import type {
  AiSdkCallOptions,
  AiSdkFinishReason,
  AiSdkLanguageModel,
  AiSdkMessage,
  AiSdkPromptPart,
  AiSdkResult,
  AiSdkUsage,
  AiSdkWarning,
} from './ai-sdk-model.ts';
import { asOneMessage } from './openai-compatible-request.ts';

/** Whom a request is converted for. */
export type AiSdkTarget = Pick<AiSdkLanguageModel, 'specificationVersion' | 'modelId'> & {
  /** The first part of the model's provider, such as 'openai'. */
  readonly provider: string;
};

export function aiSdkCall(
  request: ModelRequest,
  options: CallOptions,
  target: AiSdkTarget,
): AiSdkCallOptions {
  const { responseSchema, tools, stopSequences } = request;
  return {
    prompt:
      request.layout === 'completion'
        ? promptOf([asOneMessage(request.messages)], target)
        : withCacheBreakpoint(promptOf(request.messages, target), { request, target }),
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
    providerOptions: providerOptionsOf(request, target.provider),
  };
}

/** Anthropic keeps the beginning of a prompt only where it is told to: after what every row shares. */
function withCacheBreakpoint(
  prompt: AiSdkMessage[],
  { request, target }: { readonly request: ModelRequest; readonly target: AiSdkTarget },
): AiSdkMessage[] {
  const shared = target.provider === 'anthropic' ? sharedBeginningOf(request) : undefined;
  if (shared?.isKept !== true) return prompt;
  return prompt.map((message, index) =>
    index === shared.lastMessage
      ? { ...message, providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } } }
      : message,
  );
}

/** Log-probabilities are no part of the specification; OpenAI's models take them as an option of their own. */
function providerOptionsOf(request: ModelRequest, provider: string): JsonObject | undefined {
  const { providerOptions, tokenLogProbabilities } = request;
  if (!tokenLogProbabilities || provider !== 'openai') return providerOptions;
  const given = providerOptions?.openai;
  return { ...providerOptions, openai: { logprobs: true, ...(given as JsonObject | undefined) } };
}

function promptOf(messages: readonly Message[], target: AiSdkTarget): AiSdkMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message): AiSdkMessage => {
    const { role, content, toolCalls = [], toolCallId = '' } = message;
    const text = () =>
      requireText(content, { modelId: target.modelId, place: `a message of the role ${role}` });
    if (role === 'system') return { role, content: text() };
    if (role === 'tool') {
      const toolName = toolNames.get(toolCallId) ?? '';
      return {
        role,
        content: [{ type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: text() } }],
      };
    }
    const parts: AiSdkPromptPart[] =
      content === '' && toolCalls.length > 0 ? [] : promptParts(content, target);
    for (const call of toolCalls) {
      toolNames.set(call.id, call.name);
      const input = parsedArguments(call);
      parts.push({ type: 'tool-call', toolCallId: call.id, toolName: call.name, input });
    }
    return { role, content: parts };
  });
}

function promptParts(content: Content, { specificationVersion }: AiSdkTarget): AiSdkPromptPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part): AiSdkPromptPart => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    const { mediaType, name: filename } = part;
    const address = isAddress(part) ? new URL(part.data) : undefined;
    const bare = address ?? part.data;
    const tagged =
      address === undefined
        ? { type: 'data' as const, data: part.data }
        : { type: 'url' as const, url: address };
    return {
      type: 'file',
      mediaType,
      ...(filename !== undefined && { filename }),
      data: specificationVersion === 'v4' ? tagged : bare,
    };
  });
}

function parsedArguments(call: ToolCall): Json {
  try {
    return JSON.parse(call.arguments) as Json;
  } catch {
    return call.arguments;
  }
}

/** @param about Whom its notices are about. */
export function aiSdkAnswer(result: AiSdkResult, latencyMs: number, about: string): ModelResponse {
  const calls = result.content.filter(({ type }) => type === 'tool-call');
  const logProbabilities = readLogProbabilities(result.providerMetadata);
  const partsOf = (kind: string) =>
    result.content.map(({ type, text }) => (type === kind ? (text ?? '') : '')).join('');
  const text = partsOf('text');
  const reasoning = text === '' ? partsOf('reasoning') : '';
  const notices = noticesOf(result.warnings, about);
  return {
    text,
    ...(reasoning !== '' && { reasoning }),
    ...(notices.length > 0 && { notices }),
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

function readUsage(said: AiSdkUsage | null | undefined): Usage {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = said ?? {};
  const input = typeof inputTokens === 'object' ? (inputTokens ?? {}) : undefined;
  const output = typeof outputTokens === 'object' ? (outputTokens ?? {}) : undefined;
  return {
    inputTokens: readCount(input === undefined ? inputTokens : input?.total),
    cachedInputTokens: readCount(input?.cacheRead ?? cachedInputTokens),
    outputTokens: readCount(output === undefined ? outputTokens : output?.total),
    reasoningTokens: readCount(output?.reasoning ?? reasoningTokens),
  };
}

/** What was asked for and not sent. */
function noticesOf(warnings: readonly AiSdkWarning[] | null = [], about: string): readonly string[] {
  return (warnings ?? []).flatMap(({ type, setting, feature = setting, details }) =>
    type.startsWith('unsupported') && feature !== undefined
      ? [`${about} takes no \`${feature}\`${details ? `: ${details}` : '.'}`]
      : [],
  );
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
