import type { FinishReason, ModelResponse, ToolCall, Usage } from '../model.ts';
import { readCount } from '../read-count.ts';

/**
 * The fields that are read of a chat completion. Every server leaves some out or sends null, so each is
 * optional here and checked where it is read; a schema library would cost a tenth of the whole call.
 */
export interface WireCompletion {
  readonly choices?: readonly WireChoice[] | null;
  readonly usage?: WireUsage | null;
  readonly error?: unknown;
  /** Of Azure and Google, where the prompt itself was filtered and nothing was chosen. */
  readonly prompt_filter_results?: unknown;
  readonly promptFeedback?: unknown;
}

export interface WireChoice {
  readonly message?: WireMessage | null;
  /** Of a stream, instead of `message`. */
  readonly delta?: WireMessage | null;
  readonly finish_reason?: string | null;
  /** Of OpenRouter, instead of an answer. */
  readonly error?: unknown;
  readonly logprobs?: { readonly content?: readonly WireLogProbability[] | null } | null;
}

export interface WireMessage {
  readonly content?: string | readonly WirePart[] | null;
  readonly refusal?: string | null;
  /** Of servers of models that think; newer ones call it `reasoning`. */
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly WireToolCall[] | null;
}

export interface WirePart {
  readonly type?: string;
  readonly text?: string;
  readonly refusal?: string;
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
  if (choice === undefined || choice === null) {
    const isFiltered = Boolean(completion.prompt_filter_results ?? completion.promptFeedback);
    return isFiltered ? filteredAnswer(completion.usage) : 'without any choice in it';
  }
  const { message } = choice;
  if (message === undefined || message === null) {
    return isFilterReason(choice.finish_reason)
      ? filteredAnswer(completion.usage)
      : 'without a message in its choice';
  }
  const refusal = refusalOf(message);
  const toolCalls = message.tool_calls?.length ? message.tool_calls.map(readToolCall) : undefined;
  return completionAnswer({
    text: textOf(message),
    reasoning: reasoningOf(message),
    refusal,
    toolCalls,
    finishReason: readFinishReason(choice.finish_reason, {
      isRefusal: refusal !== '',
      hasToolCalls: toolCalls !== undefined,
    }),
    logProbabilities: choice.logprobs?.content,
    usage: completion.usage,
  });
}

export function completionAnswer(parts: {
  readonly text: string;
  readonly reasoning: string;
  /** Empty where the model did not decline. */
  readonly refusal: string;
  readonly toolCalls: readonly ToolCall[] | undefined;
  readonly finishReason: FinishReason;
  readonly logProbabilities: readonly WireLogProbability[] | null | undefined;
  readonly usage: WireUsage | null | undefined;
}): CompletionAnswer {
  const { text, reasoning, refusal, toolCalls, finishReason, logProbabilities, usage } = parts;
  return {
    text,
    // Told where it explains an empty answer; elsewhere it would fill the store.
    ...(text === '' && reasoning !== '' && { reasoning }),
    ...(refusal !== '' && { refusal }),
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

export function textOf({ content }: WireMessage): string {
  if (Array.isArray(content)) return content.map((part) => stringOf(part?.text)).join('');
  return stringOf(content);
}

/** What the model said when it declined; empty where it did not. */
export function refusalOf({ content, refusal }: WireMessage): string {
  const parts = Array.isArray(content) ? content.map((part) => stringOf(part?.refusal)) : [];
  return stringOf(refusal) || parts.join('');
}

export function reasoningOf({ reasoning_content, reasoning }: WireMessage): string {
  return stringOf(reasoning_content) || stringOf(reasoning);
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An answer that a content filter kept back. */
export function filteredAnswer(usage?: WireUsage | null): CompletionAnswer {
  return { text: '', finishReason: 'content-filter', usage: readUsage(usage) };
}

function isFilterReason(said: string | null | undefined): boolean {
  return /^(?:content.?filter|safety|blocklist|prohibited_content|recitation|spii|sensitive)$/i.test(
    said ?? '',
  );
}

function readToolCall(call: WireToolCall, index: number): ToolCall {
  return {
    id: stringOf(call.id) || `call-${index}`,
    name: stringOf(call.function?.name),
    arguments: argumentsOf(call.function?.arguments),
  };
}

/** Some servers give the arguments as JSON instead of as its text. */
function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

export function readFinishReason(
  said: string | null | undefined,
  { isRefusal, hasToolCalls }: { readonly isRefusal: boolean; readonly hasToolCalls: boolean },
): FinishReason {
  if (isRefusal || isFilterReason(said)) return 'content-filter';
  switch (said) {
    case 'stop':
    case 'eos':
      // Some servers say "stop" after tool calls.
      return hasToolCalls ? 'tool-calls' : 'stop';
    case 'length':
    case 'max_tokens':
      return 'length';
    case 'tool_calls':
    case 'function_call':
      return 'tool-calls';
    case 'error':
      return 'error';
    default:
      return hasToolCalls ? 'tool-calls' : 'other';
  }
}

/** What the server does not say as a number from 0 stays undefined. */
export function readUsage(usage: WireUsage | null | undefined): Usage {
  if (typeof usage !== 'object' || usage === null) return {};
  const { prompt_tokens_details: input, completion_tokens_details: output } = usage;
  return {
    inputTokens: readCount(usage.prompt_tokens),
    cachedInputTokens: readCount(input?.cached_tokens) ?? readCount(usage.prompt_cache_hit_tokens),
    outputTokens: readCount(usage.completion_tokens),
    reasoningTokens: readCount(output?.reasoning_tokens),
  };
}
