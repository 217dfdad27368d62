import type { Message } from '../model/model.ts';
import type { PromptParts, RenderedPrompt } from './adapter.ts';
import type { Verbalizer } from './candidate.ts';
import { rowText, systemText, systemVaries } from './prompt-text.ts';
import { requireTextInputs } from './row-content.ts';

/** A text that the words of a verbalizer continue. */
export interface VerbalizerPrompt {
  readonly prompt: RenderedPrompt;
  /** In the order of the words. */
  readonly continuations: readonly string[];
}

/** What the words continue: it asks for the topic, whatever the output is called. */
const question = 'In one word, this is about';

/**
 * The text whose next word is looked at: the instructions, the row as plain text, and the beginning of a sentence that
 * asks for it in one word, which makes small models gather in one place what a row is about.
 *
 * @see Jiang et al. 2024, "Scaling Sentence Embeddings with Large Language Models", §3,
 *   https://arxiv.org/abs/2307.16645.
 */
export function renderVerbalizer(parts: PromptParts, { words }: Verbalizer): VerbalizerPrompt {
  requireTextInputs(parts.inputs, 'verbalizer');
  const system = systemText(parts);
  const row: Message = { role: 'user', content: `${rowText(parts, parts.inputs).trimEnd()}\n${question}` };
  const shared: readonly Message[] = system === '' ? [] : [{ role: 'system', content: `${system}\n\n` }];
  return {
    prompt: {
      messages: [...shared, row],
      layout: 'completion',
      sharedMessages: shared.length > 0 && !systemVaries(parts) ? 1 : 0,
    },
    continuations: words.map((word) => ` ${word}`),
  };
}

/**
 * The log-odds of each answer, in the order of `choices`: what its words say together.
 *
 * @param logProbabilities How likely each word is, in their order, natural logarithm.
 */
export function scoreByVerbalizer(
  logProbabilities: readonly number[],
  {
    verbalizer: { expected, weights },
    choices,
  }: { readonly verbalizer: Verbalizer; readonly choices: readonly string[] },
): readonly number[] {
  return choices.map((choice) => {
    const own = weights[choice] ?? [];
    return logProbabilities.reduce((sum, value, index) => {
      // A word that the model rules out says no more than one that it all but rules out.
      const surprise = Math.max(value, leastLogProbability) - (expected[index] ?? 0);
      return sum + (own[index] ?? 0) * surprise;
    }, 0);
  });
}

const leastLogProbability = -50;
