import { estimateTokens } from '../../model/token-count.ts';
import type { Candidate } from '../../prompt/candidate.ts';

/** The tokens of everything that a candidate puts into prompts: texts and demos of all sets. An estimate. */
export function promptTokens(candidate: Candidate): number {
  let tokens = 0;
  for (const parameter of Object.values(candidate)) {
    if (parameter.kind === 'text') tokens += estimateTokens(parameter.text);
    if (parameter.kind !== 'demos') continue;
    for (const { demos } of parameter.sets) {
      for (const { inputs, outputs } of demos) tokens += estimateTokens(JSON.stringify([inputs, outputs]));
    }
  }
  return tokens;
}
