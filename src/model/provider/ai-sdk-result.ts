import type { ModelResponse } from '../model.ts';
import type { AiSdkContent, AiSdkResult, AiSdkUsage } from './ai-sdk-model.ts';

/** A response of Hone as a model of the AI SDK gives it, in the words of its version. */
export function aiSdkResult(
  response: ModelResponse,
  version: string,
): AiSdkResult & { readonly warnings: readonly [] } {
  const { text, reasoning, toolCalls = [], finishReason } = response;
  const content: AiSdkContent[] = [
    ...(reasoning === undefined ? [] : [{ type: 'reasoning', text: reasoning }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...toolCalls.map(({ id, name, arguments: input }) => ({
      type: 'tool-call',
      toolCallId: id,
      toolName: name,
      input,
    })),
  ];
  return {
    content,
    finishReason: version === 'v2' ? finishReason : { unified: finishReason, raw: finishReason },
    usage: usageOf(response, version),
    warnings: [],
  };
}

function usageOf({ usage }: ModelResponse, version: string): AiSdkUsage & object {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  const minus = (all: number | undefined, part: number | undefined) =>
    all === undefined || part === undefined ? all : Math.max(0, all - part);
  if (version !== 'v2') {
    return {
      inputTokens: {
        total: inputTokens,
        noCache: minus(inputTokens, cachedInputTokens),
        cacheRead: cachedInputTokens,
        cacheWrite: undefined,
      },
      outputTokens: {
        total: outputTokens,
        text: minus(outputTokens, reasoningTokens),
        reasoning: reasoningTokens,
      },
    } as AiSdkUsage;
  }
  const totalTokens =
    inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
  return { inputTokens, outputTokens, totalTokens, cachedInputTokens, reasoningTokens } as AiSdkUsage;
}

/** A whole result as the stream of one: each text in one piece. Alike in V2, V3 and V4. */
export function streamOfResult(result: AiSdkResult): ReadableStream<unknown> {
  const { content, finishReason, usage, providerMetadata, warnings = [] } = result;
  const parts: unknown[] = [
    { type: 'stream-start', warnings },
    { type: 'response-metadata', ...(result.response ?? {}) },
  ];
  for (const [index, part] of content.entries()) {
    if (part.type !== 'text' && part.type !== 'reasoning') {
      parts.push(part);
      continue;
    }
    const id = String(index);
    const { providerMetadata: metadata } = part as { readonly providerMetadata?: unknown };
    const more = metadata === undefined ? {} : { providerMetadata: metadata };
    parts.push({ type: `${part.type}-start`, id, ...more });
    parts.push({ type: `${part.type}-delta`, id, delta: part.text ?? '' });
    parts.push({ type: `${part.type}-end`, id, ...more });
  }
  parts.push({
    type: 'finish',
    finishReason,
    usage,
    ...(providerMetadata !== undefined && { providerMetadata }),
  });
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}
