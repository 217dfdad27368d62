import type { LlamaModel, Token } from 'node-llama-cpp';
import { HoneError } from '../../base/errors.ts';
import type { TokenScores } from '../model.ts';
import type { TokenTape } from './llama-cpp-tape.ts';

export interface DocumentScoringOptions {
  readonly model: LlamaModel;
  /** The token before the first one. */
  readonly opening: Token;
  readonly tokens: readonly Token[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Natural log-probability of every token of a text, given the opening token and those before it. The texts of
 * the tokens, joined, are the text: a character of several tokens comes with the last of them.
 */
export async function scoreDocument(
  tape: TokenTape,
  { model, opening, tokens, signal }: DocumentScoringOptions,
): Promise<TokenScores['tokens']> {
  // The last token predicts nothing that is asked for.
  const scores = await tape.score(
    tokens.map((wanted, index) => ({ token: tokens[index - 1] ?? opening, wanted: [wanted] })),
    signal,
  );
  let before: readonly Token[] = [opening];
  let pending: Token[] = [];
  return tokens.map((token, index) => {
    pending.push(token);
    let text = model.detokenize(pending, false, before);
    if (text.endsWith('\uFFFD') && pending.length < 8 && index < tokens.length - 1) text = '';
    else {
      before = [...before, ...pending].slice(-8);
      pending = [];
    }
    const logProbability = scores[index]?.get(token);
    if (logProbability === undefined) {
      throw new HoneError(`Token ${index + 1} of the text got no log-probability.`, {
        code: 'HONE_MODEL_BAD_REPLY',
      });
    }
    return { text, logProbability };
  });
}
