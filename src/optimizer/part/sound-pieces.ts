import { whyNoPrompt } from '../../prompt/no-prompt.ts';
import { choicesOf } from '../../signature/signature.ts';
import type { Decision } from '../optimizer.ts';
import type { TextTarget } from './text-parameters.ts';

/** What a model said that may become part of a text. */
export interface SoundPieces {
  readonly pieces: readonly string[];
  /** What was left out and why, to be yielded. */
  readonly notices: readonly Decision[];
}

/**
 * Of the rules, guidance or descriptions that a model gave, those that may be put into a text. An apology, an envelope,
 * half a thought or an answer of the task is none, and inside a longer text the guards of a draft cannot tell any more.
 */
export function soundPieces(said: readonly string[], { parameter, step }: TextTarget): SoundPieces {
  const answers = step.outputs.flatMap((field) => choicesOf(field) ?? []);
  const outputs = step.outputs.map(({ name }) => name);
  const faults = said.map((piece) => whyNoPrompt(piece, { parent: undefined, answers, outputs }));
  return {
    pieces: said.filter((_, index) => faults[index] === undefined),
    notices: said.flatMap((piece, index): readonly Decision[] => {
      const fault = faults[index];
      if (fault === undefined) return [];
      const beginning = piece.trim().replaceAll(/\s+/g, ' ').slice(0, 60);
      return [
        { type: 'notice', message: `Left out of ${parameter.name}, because it is ${fault}: “${beginning}”.` },
      ];
    }),
  };
}
