import type { JsonObject } from '../base/json.ts';
import type { Message } from '../model/model.ts';
import type { PromptParts } from './adapter.ts';
import { rowText, systemText, systemVaries } from './prompt-text.ts';

/** How a conversational layout writes what is its own. */
export interface ChatLayout {
  /** Said after the instructions: the form of the answer. Empty: nothing. */
  readonly answerForm: string;
  /** The answer of a demo as an assistant would have written it. */
  readonly renderAnswer: (outputs: JsonObject) => string;
}

/** The system section, the demos as pairs of user and assistant, then the row. */
export function chatMessages(parts: PromptParts, { answerForm, renderAnswer }: ChatLayout): ChatMessages {
  const system = [systemText(parts), answerForm].filter((text) => text !== '').join('\n\n');
  const messages: Message[] = system === '' ? [] : [{ role: 'system', content: system }];
  for (const demo of parts.demos) {
    const answer = renderAnswer(demo.outputs);
    // A demo without an answer would teach the model to say nothing.
    if (answer === '') continue;
    messages.push({ role: 'user', content: rowText(parts, demo.inputs) });
    messages.push({ role: 'assistant', content: answer });
  }
  messages.push({ role: 'user', content: rowText(parts, parts.inputs) });
  return {
    messages,
    layout: 'chat',
    sharedMessages: systemVaries(parts) && system !== '' ? 0 : messages.length - 1,
  };
}

export interface ChatMessages {
  readonly messages: readonly Message[];
  readonly layout: 'chat';
  readonly sharedMessages: number;
}
