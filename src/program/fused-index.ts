import { HoneError } from '../base/errors.ts';
import { bestOf, indexVersion, type PassageIndex } from './passage-index.ts';

/** Of a passage's place in each ranking; the published constant. */
const smoothing = 60;

/** How many more than wanted each index is asked for, so that what stands far down in one can still win. */
const depth = 5;

/**
 * Finds what several indexes of the same passages find together, such as one of words and one of meanings: each passage
 * counts the sum of 1 / (60 + its rank) over them.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for no index, or indexes of other passages.
 * @see Cormack, Clarke & Büttcher 2009, "Reciprocal Rank Fusion", https://doi.org/10.1145/1571941.1572114
 */
export function fusedIndex(indexes: readonly PassageIndex[]): PassageIndex {
  const [first, ...others] = indexes;
  const ids = first?.passages.map(({ id }) => id).join('\n');
  if (first === undefined || others.some(({ passages }) => passages.map(({ id }) => id).join('\n') !== ids)) {
    throw new HoneError('A fused index takes one or more indexes of the same passages.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Make each of the same list: fusedIndex([keywordIndex(passages), embeddingIndex(passages, { model })]).',
    });
  }
  const { passages } = first;
  const places = new Map(passages.map(({ id }, place) => [id, place]));
  return {
    version: indexVersion('fused', [], { of: indexes.map(({ version }) => version) }),
    passages,
    async search(query, options) {
      const count = options.count * depth;
      const rankings = await Promise.all(indexes.map((index) => index.search(query, { ...options, count })));
      const scores = new Map<number, number>();
      for (const ranking of rankings) {
        for (const [rank, { passage }] of ranking.entries()) {
          const place = places.get(passage.id) ?? 0;
          scores.set(place, (scores.get(place) ?? 0) + 1 / (smoothing + rank + 1));
        }
      }
      const scored = [...scores].map(([place, score]) => ({ place, score }));
      return bestOf(passages, scored, options.count);
    },
  };
}
