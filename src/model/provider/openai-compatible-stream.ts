import type { ToolCall } from '../model.ts';
import {
  type CompletionAnswer,
  completionAnswer,
  readFinishReason,
  reasoningOf,
  refusalOf,
  textOf,
  type WireCompletion,
  type WireLogProbability,
  type WireToolCall,
  type WireUsage,
} from './openai-compatible-answer.ts';

/** Puts the chunks of a streamed completion together. */
export interface CompletionAssembly {
  /** @returns the text that the chunk adds. */
  add(chunk: WireCompletion): string;
  /** Undefined while the answer is not complete. */
  finish(): CompletionAnswer | undefined;
}

export function assembleCompletion(): CompletionAssembly {
  const toolCalls = new Map<number, { id: string; name: string; arguments: string }>();
  const logProbabilities: WireLogProbability[] = [];
  let text = '';
  let reasoning = '';
  let refusal = '';
  let finished: string | undefined;
  let usage: WireUsage | undefined;
  const addToolCall = (part: WireToolCall) => {
    const index = part.index ?? toolCalls.size;
    const call = toolCalls.get(index) ?? { id: part.id ?? `call-${index}`, name: '', arguments: '' };
    toolCalls.set(index, call);
    call.name += part.function?.name ?? '';
    call.arguments += part.function?.arguments ?? '';
  };
  return {
    add(chunk) {
      usage = chunk.usage ?? usage;
      const choice = chunk.choices?.[0];
      finished = choice?.finish_reason ?? finished;
      const delta = choice?.delta ?? choice?.message;
      if (!delta) return '';
      const added = textOf(delta);
      text += added;
      reasoning += reasoningOf(delta);
      refusal += refusalOf(delta);
      delta.tool_calls?.forEach(addToolCall);
      logProbabilities.push(...(choice?.logprobs?.content ?? []));
      return added;
    },
    finish() {
      if (finished === undefined) return undefined;
      const calls: ToolCall[] = [...toolCalls].sort(([one], [other]) => one - other).map(([, call]) => call);
      return completionAnswer({
        text,
        reasoning,
        refusal,
        toolCalls: calls.length > 0 ? calls : undefined,
        finishReason: readFinishReason(finished, {
          isRefusal: refusal !== '',
          hasToolCalls: calls.length > 0,
        }),
        logProbabilities,
        usage,
      });
    },
  };
}

/**
 * The data of each server-sent event.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  // Pieces of a line that has not ended: joined once, so that a long line costs its length and no more.
  let begun: string[] = [];
  let carried = '';
  let data: string[] = [];
  for await (const bytes of body) {
    const text = carried + decoder.decode(bytes, { stream: true });
    // A carriage return at the end may be the first half of a line break.
    carried = text.endsWith('\r') ? '\r' : '';
    const lines = (carried === '' ? text : text.slice(0, -1)).split(/\r\n|\n|\r/);
    const rest = lines.pop() ?? '';
    for (const end of lines) {
      const line = begun.length === 0 ? end : begun.join('') + end;
      begun = [];
      if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
      else if (line === '' && data.length > 0) {
        yield data.join('\n');
        data = [];
      }
    }
    if (rest !== '') begun.push(rest);
  }
  // Some servers leave out the last blank line.
  const rest = begun.join('');
  if (rest.startsWith('data:')) data.push(rest.slice(5).trim());
  if (data.length > 0) yield data.join('\n');
}
