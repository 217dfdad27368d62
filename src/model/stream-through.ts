import { HoneError, messageOf } from '../base/errors.ts';
import type { CallOptions, ModelDelta, ModelResponse } from './model.ts';

/** How a stream asks the model below, and how the middleware around that asking is run. */
export interface StreamThrough {
  open(options: CallOptions): AsyncIterable<ModelDelta>;
  /** Runs the middleware; it calls `proceed` when the model itself has to be asked. */
  around(proceed: (options: CallOptions) => Promise<ModelResponse>): Promise<ModelResponse>;
}

/**
 * Streams through middleware that is written for whole answers. Text is handed on as it arrives; an answer
 * that comes without a stream (from the cache, or shared with an identical call) is one delta. Once text has
 * been handed on the call is never tried again, because the reader has seen it.
 */
export async function* streamThrough({
  open,
  around,
}: StreamThrough): AsyncGenerator<ModelDelta, void, void> {
  const waiting: string[] = [];
  let wake: () => void = () => undefined;
  let seen = 0;
  let settled = false;
  const proceed = async (options: CallOptions): Promise<ModelResponse> => {
    try {
      for await (const delta of open(options)) {
        if (delta.type === 'finish') return delta.response;
        waiting.push(delta.text);
        seen += delta.text.length;
        wake();
      }
    } catch (thrown) {
      throw seen === 0 ? thrown : brokenStream(thrown, seen);
    }
    throw brokenStream(new Error('the stream ended without an answer'), seen);
  };
  const answer = around(proceed).finally(() => {
    settled = true;
    wake();
  });
  // The reader may stop before the answer is there; its failure is then nobody's concern.
  answer.catch(() => undefined);
  while (!settled || waiting.length > 0) {
    const text = waiting.shift();
    if (text !== undefined) yield { type: 'text-delta', text };
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (settled || waiting.length > 0) resolve();
      });
    }
  }
  const response = await answer;
  if (seen === 0 && response.text !== '') yield { type: 'text-delta', text: response.text };
  yield { type: 'finish', response };
}

function brokenStream(thrown: unknown, seen: number): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const isHone = HoneError.isInstance(thrown);
  // An abort keeps its reason: whoever aborted knows it.
  if (!isHone && thrown.name === 'AbortError') return thrown;
  return new HoneError(`The answer broke off after ${seen} characters: ${messageOf(thrown)}`, {
    code: isHone ? thrown.code : 'HONE_MODEL_BAD_REPLY',
    hint: (isHone ? thrown.hint : undefined) ?? 'Ask again.',
    cause: thrown,
    facts: { ...(isHone ? thrown.facts : {}), retryable: seen === 0 },
  });
}
