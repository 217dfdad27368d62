import type { ToolCall } from '../model.ts';
import {
  type CompletionAnswer,
  completionAnswer,
  readFinishReason,
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
  const toolCalls: { id: string; name: string; arguments: string }[] = [];
  const logProbabilities: WireLogProbability[] = [];
  let text = '';
  let isRefusal = false;
  let finished: string | undefined;
  let usage: WireUsage | undefined;
  const addToolCall = (part: WireToolCall) => {
    const index = part.index ?? toolCalls.length;
    toolCalls[index] ??= { id: part.id ?? `call-${index}`, name: '', arguments: '' };
    toolCalls[index].name += part.function?.name ?? '';
    toolCalls[index].arguments += part.function?.arguments ?? '';
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
      isRefusal ||= added !== '' && !delta.content;
      delta.tool_calls?.forEach(addToolCall);
      logProbabilities.push(...(choice?.logprobs?.content ?? []));
      return added;
    },
    finish() {
      if (finished === undefined) return undefined;
      const calls: ToolCall[] = toolCalls.filter((call) => call !== undefined);
      return completionAnswer({
        text,
        toolCalls: calls.length > 0 ? calls : undefined,
        finishReason: readFinishReason(finished, { isRefusal, hasToolCalls: calls.length > 0 }),
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
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
      else if (line === '' && data.length > 0) {
        yield data.join('\n');
        data = [];
      }
    }
  }
  // Some servers leave out the last blank line.
  if (rest.startsWith('data:')) data.push(rest.slice(5).trim());
  if (data.length > 0) yield data.join('\n');
}
