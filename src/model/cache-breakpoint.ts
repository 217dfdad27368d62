import type { ModelRequest } from './model.ts';
import { estimateRequestTokens } from './token-count.ts';

/** Shorter beginnings are not kept by the providers that keep them, and would only be billed as written. */
const leastTokens = 1_024;

/** The beginning of a prompt that every row shares. */
export interface SharedBeginning {
  /** The index of its last message. */
  readonly lastMessage: number;
  /** As estimated. */
  readonly tokens: number;
  /** Whether a provider that wants to be told where to keep a prompt is told. */
  readonly isKept: boolean;
}

/** Where the part of a prompt ends that is the same for every row; undefined where a prompt shares nothing. */
export function sharedBeginningOf({
  messages,
  sharedMessages = 0,
}: ModelRequest): SharedBeginning | undefined {
  if (sharedMessages <= 0 || messages.length === 0) return undefined;
  const lastMessage = Math.min(sharedMessages, messages.length) - 1;
  const tokens = estimateRequestTokens({ messages: messages.slice(0, lastMessage + 1) });
  return { lastMessage, tokens, isKept: tokens >= leastTokens };
}
