import type { JsonObject } from '../base/json.ts';
import type { Demo, DemoSet } from './candidate.ts';

/** A text as a vector of length 1: weights by term. */
type Vector = ReadonlyMap<string, number>;

interface Index {
  readonly vectors: readonly Vector[];
  readonly rarity: ReadonlyMap<string, number>;
}

const indexes = new WeakMap<readonly Demo[], Index>();

/**
 * The demos of a set that are nearest to a row, where the set says how many a row sees: by cosine of TF-IDF vectors
 * over words and pairs of words of the inputs. The nearest comes last, beside the row. Ties keep the order of the
 * set. The demos of a set are indexed once.
 *
 * @param exampleId The row; a demo that was taken from it is left out.
 *
 * @see Liu et al. 2022, "What Makes Good In-Context Examples for GPT-3?". https://arxiv.org/abs/2101.06804
 */
export function withNearest(set: DemoSet, inputs: JsonObject, exampleId?: string): DemoSet {
  const { demos, nearest } = set;
  if (nearest === undefined) return set;
  const { vectors, rarity } = indexOf(demos);
  const row = vectorOf(termsOf(inputs), rarity);
  const order = vectors
    .map((vector, index) => ({ index, similarity: cosine(row, vector) }))
    .filter(({ index }) => exampleId === undefined || demos[index]?.source !== exampleId)
    .sort((a, b) => b.similarity - a.similarity || a.index - b.index)
    .slice(0, nearest)
    .reverse();
  return { ...set, demos: order.flatMap(({ index }) => demos[index] ?? []) };
}

function indexOf(demos: readonly Demo[]): Index {
  const known = indexes.get(demos);
  if (known !== undefined) return known;
  const texts = demos.map(({ inputs }) => termsOf(inputs));
  const documents = new Map<string, number>();
  for (const terms of texts) {
    for (const term of new Set(terms)) documents.set(term, (documents.get(term) ?? 0) + 1);
  }
  const rarity = new Map(
    [...documents].map(([term, count]) => [term, Math.log((1 + demos.length) / (1 + count)) + 1]),
  );
  const index = { vectors: texts.map((terms) => vectorOf(terms, rarity)), rarity };
  indexes.set(demos, index);
  return index;
}

/** Words and pairs of neighbouring words of all texts, whatever the language; in scripts without spaces single signs. */
function termsOf(inputs: JsonObject): readonly string[] {
  return textsOf(inputs).flatMap((text) => {
    const words =
      text
        .normalize('NFKC')
        .toLowerCase()
        .match(
          /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}']+/gu,
        ) ?? [];
    return [...words, ...words.slice(1).map((word, before) => `${words[before]} ${word}`)];
  });
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Terms that no demo has say nothing about which is nearest. */
function vectorOf(terms: readonly string[], rarity: ReadonlyMap<string, number>): Vector {
  const counts = new Map<string, number>();
  for (const term of terms) if (rarity.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
  const weights = [...counts].map(
    ([term, count]) => [term, (1 + Math.log(count)) * (rarity.get(term) ?? 0)] as const,
  );
  const length = Math.hypot(...weights.map(([, weight]) => weight)) || 1;
  return new Map(weights.map(([term, weight]) => [term, weight / length]));
}

function cosine(a: Vector, b: Vector): number {
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [term, weight] of few) sum += weight * (many.get(term) ?? 0);
  return sum;
}
