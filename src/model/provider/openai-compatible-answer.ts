import type { FinishReason, ModelResponse, ToolCall, Usage } from '../model.ts';

/**
 * The fields that are read of a chat completion. Every server leaves some out or sends null, so each is
 * optional here and checked where it is read; a schema library would cost a tenth of the whole call.
 */
export interface WireCompletion {
  readonly choices?: readonly WireChoice[] | null;
  readonly usage?: WireUsage | null;
  readonly error?: unknown;
}

export interface WireChoice {
  readonly message?: WireMessage | null;
  /** Of a stream, instead of `message`. */
  readonly delta?: WireMessage | null;
  readonly finish_reason?: string | null;
  readonly logprobs?: { readonly content?: readonly WireLogProbability[] | null } | null;
}

export interface WireMessage {
  readonly content?: string | readonly { readonly type?: string; readonly text?: string }[] | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly WireToolCall[] | null;
}

export interface WireToolCall {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: string | null } | null;
}

export interface WireLogProbability {
  readonly token?: string;
  readonly logprob?: number;
}

export interface WireUsage {
  readonly prompt_tokens?: number | null;
  readonly completion_tokens?: number | null;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
  /** DeepSeek's name for cached tokens. */
  readonly prompt_cache_hit_tokens?: number | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
}

export type CompletionAnswer = Omit<ModelResponse, 'latencyMs'>;

/** @returns the answer, or in words what it lacks. */
export function readCompletion(completion: WireCompletion): CompletionAnswer | string {
  const choice = completion.choices?.[0];
  if (choice === undefined || choice === null) return 'without any choice in it';
  const { message } = choice;
  if (message === undefined || message === null) return 'without a message in its choice';
  const text = textOf(message);
  const toolCalls = message.tool_calls?.length ? message.tool_calls.map(readToolCall) : undefined;
  return completionAnswer({
    text,
    toolCalls,
    finishReason: readFinishReason(choice.finish_reason, {
      isRefusal: text !== '' && !message.content,
      hasToolCalls: toolCalls !== undefined,
    }),
    logProbabilities: choice.logprobs?.content,
    usage: completion.usage,
  });
}

export function completionAnswer(parts: {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[] | undefined;
  readonly finishReason: FinishReason;
  readonly logProbabilities: readonly WireLogProbability[] | null | undefined;
  readonly usage: WireUsage | null | undefined;
}): CompletionAnswer {
  const { text, toolCalls, finishReason, logProbabilities, usage } = parts;
  return {
    text,
    ...(toolCalls && { toolCalls }),
    finishReason,
    usage: readUsage(usage),
    ...(logProbabilities?.length && {
      tokenLogProbabilities: logProbabilities.map(({ token = '', logprob = Number.NaN }) => ({
        token,
        // JSON knows no infinity; servers send −9999 for a token that is out of reach.
        logProbability: Number.isFinite(logprob) ? logprob : -9999,
      })),
    }),
  };
}

export function textOf({ content, refusal }: WireMessage): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(({ text = '' }) => text).join('');
  return refusal ?? '';
}

function readToolCall(call: WireToolCall, index: number): ToolCall {
  return {
    id: call.id ?? `call-${index}`,
    name: call.function?.name ?? '',
    arguments: call.function?.arguments ?? '',
  };
}

export function readFinishReason(
  said: string | null | undefined,
  { isRefusal, hasToolCalls }: { readonly isRefusal: boolean; readonly hasToolCalls: boolean },
): FinishReason {
  if (isRefusal) return 'content-filter';
  switch (said) {
    case 'stop':
    case 'eos':
      // Some servers say "stop" after tool calls.
      return hasToolCalls ? 'tool-calls' : 'stop';
    case 'length':
    case 'max_tokens':
      return 'length';
    case 'content_filter':
      return 'content-filter';
    case 'tool_calls':
    case 'function_call':
      return 'tool-calls';
    case 'error':
      return 'error';
    default:
      return hasToolCalls ? 'tool-calls' : 'other';
  }
}

/** What the server does not say stays undefined. */
export function readUsage(usage: WireUsage | null | undefined): Usage {
  if (!usage) return {};
  return {
    inputTokens: usage.prompt_tokens ?? undefined,
    cachedInputTokens:
      usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? undefined,
    outputTokens: usage.completion_tokens ?? undefined,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? undefined,
  };
}
