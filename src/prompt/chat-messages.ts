import type { JsonObject } from '../base/json.ts';
import type { Message } from '../model/model.ts';
import type { PromptParts } from './adapter.ts';
import { rowText, systemText, systemVaries } from './prompt-text.ts';
import { contentOf, markFiles, requireNoFile, withoutHistory } from './row-content.ts';

/** How a conversational layout writes what is its own. */
export interface ChatLayout {
  /** Said after the instructions: the form of the answer. Empty: nothing. */
  readonly answerForm: string;
  /** The answer of a demo as an assistant would have written it. */
  readonly renderAnswer: (outputs: JsonObject) => string;
}

/**
 * The system section, the demos as pairs of user and assistant, the conversation so far where an input is one, then
 * the row. Images and files stand in the row where their values would.
 */
export function chatMessages(given: PromptParts, { answerForm, renderAnswer }: ChatLayout): ChatMessages {
  const { parts, history } = withoutHistory(given);
  const { inputs, files } = markFiles(parts.inputs);
  const told = requireNoFile(systemText({ ...parts, inputs }), 'the system section');
  const system = [told, answerForm].filter((text) => text !== '').join('\n\n');
  const messages: Message[] = system === '' ? [] : [{ role: 'system', content: system }];
  for (const demo of parts.demos) {
    const answer = renderAnswer(demo.outputs);
    // A demo without an answer would teach the model to say nothing.
    if (answer === '') continue;
    const shown = markFiles(demo.inputs);
    messages.push({ role: 'user', content: contentOf(rowText(parts, shown.inputs), shown.files) });
    messages.push({ role: 'assistant', content: answer });
  }
  const shared = messages.length;
  messages.push(...history, { role: 'user', content: contentOf(rowText(parts, inputs), files) });
  return {
    messages,
    layout: 'chat',
    sharedMessages: systemVaries(parts) && system !== '' ? 0 : shared,
  };
}

export interface ChatMessages {
  readonly messages: readonly Message[];
  readonly layout: 'chat';
  readonly sharedMessages: number;
}
