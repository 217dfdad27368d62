import MiniSearch from 'minisearch';
import { z } from 'zod';
import { resolveOptions } from '../base/resolve-options.ts';
import {
  bestOf,
  checkPassages,
  type IndexedPassage,
  indexVersion,
  type PassageIndex,
} from './passage-index.ts';

/** What the options are checked by. */
export const keywordIndexSchema = z.strictObject({
  k: z.number().min(0).max(10).default(1.2).describe('How soon a word that is repeated stops counting more.'),
  b: z.number().min(0).max(1).default(0.7).describe('How much long passages are held back.'),
  d: z.number().min(0).max(10).default(0.5).describe('What a word counts at least where it occurs.'),
});

export interface KeywordIndexOptions {
  /** How soon a word that is repeated stops counting more, 0 to 10. @default 1.2 */
  readonly k?: number | undefined;
  /** How much long passages are held back, 0 to 1. @default 0.7 */
  readonly b?: number | undefined;
  /** What a word counts at least where it occurs, 0 to 10. @default 0.5 */
  readonly d?: number | undefined;
}

/**
 * Finds passages by their words: BM25+. Words of every script count, whatever their case and accents; they are not
 * reduced to stems. A query without a word that any passage has finds nothing.
 *
 * @throws {HoneError} `HONE_DATASET_INVALID`, `HONE_DATASET_EMPTY` for passages that cannot be indexed.
 * @see Lv & Zhai 2011, "Lower-Bounding Term Frequency Normalization", https://doi.org/10.1145/2063576.2063584; as
 *   minisearch counts it: a passage is as long as it has different words.
 */
export function keywordIndex(
  passages: readonly IndexedPassage[],
  options: KeywordIndexOptions = {},
): PassageIndex {
  const settings = resolveOptions(keywordIndexSchema, options, { of: 'keywordIndex' });
  const index = new MiniSearch<{ readonly place: number; readonly text: string }>({
    idField: 'place',
    fields: ['text'],
    tokenize: wordsOf,
    processTerm: (term) => term,
    searchOptions: { bm25: settings },
  });
  index.addAll(checkPassages(passages).map(({ text }, place) => ({ place, text })));
  return {
    version: indexVersion('keywords', passages, settings),
    passages,
    search: async (query, { count }) =>
      bestOf(
        passages,
        index.search(query).map(({ id, score }) => ({ place: Number(id), score })),
        count,
      ),
  };
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words of a text without case and accents, also where no spaces stand between them. */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();
  return [...segmenter.segment(plain)].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
}
