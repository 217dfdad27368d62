import { predict, signature } from 'hone-ai';
import { program } from 'hone-ai/programs';

const search = predict(
  signature('question -> query', { instructions: 'Give one or two words to look up, nothing else.' }),
  { name: 'search' },
);

const answer = predict(
  signature('question, passages: string[] -> answer', {
    instructions: 'Answer the question in a few words, from the passages alone.',
  }),
  { name: 'answer' },
);

/** Looks something up before it answers: the first step says what for, the second reads what was found. */
export function lookUp(find: (query: string) => readonly string[] | Promise<readonly string[]>) {
  return program(
    'look-up',
    { signature: signature('question -> answer'), steps: { search, answer }, version: '1' },
    async ({ inputs, steps, retrieve }) => {
      const { query } = await steps.search(inputs);
      const passages = await retrieve(query, find);
      if (passages.length === 0) throw new Error(`Nothing was found for "${query}".`);
      return steps.answer({ ...inputs, passages: passages.map(String) });
    },
  );
}

/** The texts that hold a word of the query, those with most of them first. */
export function wordIndex(texts: readonly string[], most = 3) {
  const wordsOf = (text: string) => new Set(text.toLowerCase().match(/\p{L}+/gu));
  return (query: string) => {
    const words = [...wordsOf(query)];
    const hits = texts.map((text) => words.filter((word) => wordsOf(text).has(word)).length);
    const found = texts
      .map((text, index) => ({ text, hits: hits[index] ?? 0 }))
      .filter((each) => each.hits > 0);
    return found
      .sort((a, b) => b.hits - a.hits)
      .slice(0, most)
      .map(({ text }) => text);
  };
}
