import { readFileSync } from 'node:fs';
import { signature } from 'hone-ai';
import { type IndexedPassage, keywordIndex, multiHop } from 'hone-ai/programs';
import { contains, retrievedPassages, weightedSum } from 'hone-ai/scorers';

/** What is known of Varnmouth, a town that is nowhere else: no model has read of it. */
const passages = readFileSync(new URL('passages.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): IndexedPassage => JSON.parse(line));

/** Looks up twice before it answers: who did it, then what is known of them. */
export const town = multiHop(
  signature('question -> answer', {
    instructions: 'Answer in one to three words, from the passages alone.',
  }),
  {
    index: keywordIndex(passages),
    count: 2,
    predict: { maxOutputTokens: 32 },
    firstQuery: 'Write two or three words of the question to look up: what it asks about, not what it asks.',
    nextQuery: 'Write the name of the person in the passages, to look up more about them.',
  },
);

export const answers = contains('answer', { ignoreCase: true });
export const recall = retrievedPassages('passages');

/** Half for the answer, half for finding what it is in: so a search sees which query helps before an answer is right. */
export const both = weightedSum([
  { scorer: answers, weight: 1 },
  { scorer: recall, weight: 1 },
]);
