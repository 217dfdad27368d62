import type { Json, JsonObject } from '../base/json.ts';
import type { Message } from '../model/model.ts';
import type { PromptParts, RenderedPrompt } from './adapter.ts';
import { answerLines } from './answer-lines.ts';
import { choiceField } from './choice-field.ts';
import { rowText, systemText, systemVaries } from './prompt-text.ts';
import { requireTextInputs } from './row-content.ts';

/** One answer's text, and the row's inputs that continue it. */
export interface ChannelPrompt {
  readonly prompt: RenderedPrompt;
  readonly continuation: string;
}

/**
 * The texts of a noisy channel, one for each choice: the instructions, the demos of that answer with the
 * answer before the inputs, the answer once more, and as the continuation to be scored the row's inputs. How
 * likely the row is under each answer's text stands for how likely the answer is for the row.
 *
 * Demos of other answers stay out: mixed in, they hide the very difference that is measured.
 *
 * @see Min et al. 2022, "Noisy Channel Language Model Prompting for Few-Shot Text Classification", §4, whose
 *   demos are those of all answers. https://arxiv.org/abs/2108.04106
 */
export function renderChannel(
  parts: PromptParts,
  { choices, words }: { readonly choices: readonly string[]; readonly words?: number | undefined },
): readonly ChannelPrompt[] {
  const { signature, demos, inputs } = parts;
  const field = choiceField(signature);
  requireTextInputs(inputs, 'channel');
  const system = systemText(parts);
  const continuation = rowText(parts, firstWords(inputs, words));
  const sharedMessages = system !== '' && systemVaries(parts) ? 0 : 1;
  return choices.map((choice) => {
    const blocks = system === '' ? [] : [system];
    for (const demo of demos) {
      if (demo.outputs[field.name] !== choice) continue;
      blocks.push(
        `${answerLines(demo.outputs, signature)}\n${rowText(parts, firstWords(demo.inputs, words))}`,
      );
    }
    blocks.push(answerLines({ [field.name]: choice }, signature));
    // All but the line's end is shared, so that a row costs no more than its own words.
    const messages: readonly Message[] = [
      { role: 'system', content: blocks.join('\n\n') },
      { role: 'user', content: '\n' },
    ];
    return { prompt: { messages, layout: 'completion', sharedMessages }, continuation };
  });
}

/** The inputs with every text cut after its `most`-th word. */
function firstWords(inputs: JsonObject, most: number | undefined): JsonObject {
  if (most === undefined) return inputs;
  const cut = (value: Json | undefined) => (typeof value === 'string' ? cutWords(value, most) : value);
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, cut(value)]));
}

function cutWords(text: string, most: number): string {
  let count = 0;
  for (const { index, 0: word } of text.matchAll(/\S+/g)) {
    count += 1;
    if (count === most) return text.slice(0, index + word.length);
  }
  return text;
}
