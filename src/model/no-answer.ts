import type { ModelResponse } from './model.ts';

/**
 * Why a response holds nothing that may be read as an answer: `content-filter` when it was kept back because of
 * what it or the prompt says, `refusal` when the model itself declined, `cut-off` when the limit on output tokens
 * came before the answer, `thoughts` when the model thought and said nothing, `tool-calls` when it asked for tools
 * instead, `empty` when there is nothing at all.
 */
export type NoAnswerFault = 'content-filter' | 'refusal' | 'cut-off' | 'thoughts' | 'tool-calls' | 'empty';

export interface NoAnswer {
  readonly fault: NoAnswerFault;
  /** In whole sentences, what to do included where something can be done. */
  readonly reason: string;
}

/** Most characters of a refusal that are told. */
const longestQuote = 200;

/** What stands in the place of an answer; undefined for a response whose text may be read. */
export function noAnswerOf(response: ModelResponse): NoAnswer | undefined {
  const { text, finishReason, refusal, reasoning = '', toolCalls = [] } = response;
  if (refusal !== undefined) return { fault: 'refusal', reason: refusalReason(refusal) };
  if (finishReason === 'content-filter') {
    return {
      fault: 'content-filter',
      reason: 'A content filter of the provider kept the answer back.',
    };
  }
  if (text.trim() !== '') return undefined;
  const hasThought = reasoning.trim() !== '';
  if (finishReason === 'length') {
    const when = hasThought ? 'while the model was still thinking' : 'before the answer began';
    return { fault: 'cut-off', reason: `${cutOffReason} ${when}.` };
  }
  if (toolCalls.length > 0) {
    const names = [...new Set(toolCalls.map(({ name }) => name))].join(', ');
    return { fault: 'tool-calls', reason: `The model asked for tools (${names}) instead of answering.` };
  }
  if (hasThought) {
    return { fault: 'thoughts', reason: 'The model wrote down its thoughts and no answer after them.' };
  }
  return { fault: 'empty', reason: 'The answer is empty.' };
}

/** How the reason of an answer begins that the limit on output tokens cut. */
export const cutOffReason = 'The answer was cut off by the limit on output tokens';

function refusalReason(refusal: string): string {
  const said = refusal.trim().replace(/\s+/g, ' ');
  if (said === '') return 'The model refused to answer.';
  const quoted = said.length > longestQuote ? `${said.slice(0, longestQuote - 1)}…` : said;
  return `The model refused to answer: “${quoted}”`;
}
