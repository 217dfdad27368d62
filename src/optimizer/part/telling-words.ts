import type { Example } from '../../dataset/dataset.ts';
import { rowTexts } from '../../dataset/row-text.ts';
import type { ClosedStep } from './calibration.ts';

/** A word in fewer rows says nothing that holds for others. */
const leastRows = 3;
/** Longer words are made of several tokens, each of which costs an evaluation. */
const longestWord = 10;

/**
 * The words of labelled rows by which their answers are told apart, the most telling first: those of the answers' own
 * names, then those that are found far oftener with one answer than with the others. At most `most`.
 */
export function tellingWords(
  rows: readonly Example[],
  { field, choices }: ClosedStep['choice'],
  most: number,
): readonly string[] {
  const counts = new Map<string, number[]>();
  const texts = rowTexts(rows);
  for (const [index, text] of texts.entries()) {
    const answer = choices.indexOf(String(rows[index]?.expected?.[field]));
    if (answer < 0) continue;
    for (const word of new Set(wordsOf(text))) {
      const own = counts.get(word) ?? choices.map(() => 0);
      own[answer] = (own[answer] ?? 0) + 1;
      counts.set(word, own);
    }
  }
  const told = [...counts]
    .map(([word, own]) => ({ word, rows: sumOf(own), tells: tellsOf(own) }))
    .filter(({ rows: found }) => found >= Math.min(leastRows, rows.length))
    .sort((a, b) => b.tells - a.tells || b.rows - a.rows || (a.word < b.word ? -1 : 1))
    .map(({ word }) => word);
  const named = choices.flatMap((choice) => wordsOf(choice.replaceAll(/[_-]+/g, ' ')));
  return [...new Set([...named, ...told])].slice(0, most);
}

/** How much oftener a word is found with its most frequent answer than with the others on average. */
function tellsOf(counts: readonly number[]): number {
  const top = Math.max(...counts);
  return top - (sumOf(counts) - top) / Math.max(1, counts.length - 1);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function wordsOf(text: string): readonly string[] {
  const found: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.toLowerCase())) {
    const isTelling = isWordLike === true && /\p{L}{2}/u.test(segment) && segment.length <= longestWord;
    if (isTelling) found.push(segment);
  }
  return found;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });
