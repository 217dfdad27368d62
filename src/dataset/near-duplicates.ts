import { canonicalJson } from '../base/canonical-json.ts';
import type { Example } from './dataset.ts';
import { createGroups } from './row-groups.ts';

const hashes = 128;
const bands = 32;
const rowsPerBand = hashes / bands;
/** From this Jaccard similarity of their shingles on, two rows count as the same row. */
const duplicateFrom = 0.8;
/** In one bucket, a row is compared with this many others; the rest are found through those or another band. */
const comparedPerBucket = 16;

/**
 * Groups rows whose inputs are nearly the same text, so that a split can keep each group on one side: shingles of
 * five words (of five characters in texts of fewer than 20 words), MinHash with 128 hashes, 32 bands of 4, and the
 * true Jaccard similarity (≥ 0.8) of every pair that meets. An input that is the same in every row is left out.
 *
 * @returns For each row the number of its group: the smallest index among its members.
 * @see Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman and Ullman, "Mining of
 * Massive Datasets", §3.4, for the bands.
 */
export function groupNearDuplicates(examples: readonly Example[]): readonly number[] {
  const equal = groupEqualRows(examples);
  const texts = textsOf(examples);
  const groups = createGroups(examples.length);
  const distinct: { readonly index: number; readonly shingles: Uint32Array }[] = [];
  for (const [index, first] of equal.entries()) {
    if (first === index) distinct.push({ index, shingles: shinglesOf(texts[index] ?? '') });
    else groups.join(first, index);
  }

  const buckets = new Map<string, (typeof distinct)[number][]>();
  for (const row of distinct) {
    const signature = minHash(row.shingles);
    const members = new Set(row.shingles);
    const compared = new Set<number>();
    for (let band = 0; band < bands; band += 1) {
      const key = `${band}:${signature.subarray(band * rowsPerBand, (band + 1) * rowsPerBand).join(',')}`;
      const bucket = buckets.get(key);
      if (bucket === undefined) {
        buckets.set(key, [row]);
        continue;
      }
      for (const other of bucket.slice(0, comparedPerBucket)) {
        if (compared.has(other.index) || groups.of(other.index) === groups.of(row.index)) continue;
        compared.add(other.index);
        if (jaccard(members, other.shingles) >= duplicateFrom) groups.join(other.index, row.index);
      }
      bucket.push(row);
    }
  }
  return examples.map((_, index) => groups.of(index));
}

/** Groups rows whose inputs are the same words. @returns As {@link groupNearDuplicates}. */
export function groupEqualRows(examples: readonly Example[]): readonly number[] {
  const firstOfText = new Map<string, number>();
  return textsOf(examples).map((text, index) => {
    const first = firstOfText.get(text) ?? index;
    firstOfText.set(text, first);
    return first;
  });
}

/** The words of a row's inputs: compatible forms, lower case, without punctuation, numbers kept. */
export function normalForm(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function textsOf(examples: readonly Example[]): string[] {
  const values = examples.map(({ inputs }) =>
    Object.keys(inputs)
      .sort()
      .map((name) => {
        const value = inputs[name] ?? '';
        return [name, typeof value === 'string' ? value : canonicalJson(value)] as const;
      }),
  );
  const seen = new Map<string, Set<string>>();
  for (const [name, text] of values.flat()) {
    const different = seen.get(name) ?? new Set();
    if (different.size < 2) different.add(text);
    seen.set(name, different);
  }
  const varies = (name: string) => (seen.get(name)?.size ?? 0) > 1;
  return values.map((row) => {
    const text = row.flatMap(([name, value]) => (varies(name) ? [value] : [])).join(' ');
    // Rows of signs alone ("+", "<=") would all have the same empty normal form.
    return normalForm(text) || text.trim();
  });
}

function shinglesOf(text: string): Uint32Array {
  const words = text.split(' ');
  const parts = words.length < 20 ? [...text] : words;
  const separator = parts === words ? ' ' : '';
  const shingles = new Set<number>();
  for (let start = 0; start === 0 || start + 5 <= parts.length; start += 1) {
    shingles.add(hashText(parts.slice(start, start + 5).join(separator)));
  }
  return Uint32Array.from(shingles);
}

/** FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3, which spreads it over all 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Odd multipliers and offsets of the hash family, fixed: groups must not depend on a seed. */
const multipliers = Uint32Array.from({ length: hashes }, (_, index) => hashText(`multiply ${index}`) | 1);
const offsets = Uint32Array.from({ length: hashes }, (_, index) => hashText(`add ${index}`));

function minHash(shingles: Uint32Array): Uint32Array {
  const signature = new Uint32Array(hashes).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let index = 0; index < hashes; index += 1) {
      const value = (Math.imul(multipliers[index] ?? 1, shingle) + (offsets[index] ?? 0)) >>> 0;
      if (value < (signature[index] ?? 0)) signature[index] = value;
    }
  }
  return signature;
}

function jaccard(first: ReadonlySet<number>, second: Uint32Array): number {
  let shared = 0;
  for (const shingle of second) if (first.has(shingle)) shared += 1;
  return shared / (first.size + second.length - shared);
}
