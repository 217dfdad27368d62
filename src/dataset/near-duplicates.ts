import type { Example } from './dataset.ts';
import { isWithinEdits } from './edit-bound.ts';
import { bandKeys, bands, countShared, hashText, shinglesOf } from './min-hash.ts';
import { createGroups, type RowGroups } from './row-groups.ts';
import { rowTexts } from './row-text.ts';

/** From this many words on, rows are compared by words, below by letters. */
const longFrom = 20;
/** From this Jaccard similarity of their runs of five words or letters on, two rows count as the same row. */
const sameRunsFrom = 0.8;
/** Two rows that differ in at most this share of their words (or letters) count as the same row. */
const editedShare = 0.1;
/** Texts of more parts are compared by their runs alone, which bear an edit or two in so many. */
const mostEdited = 400;
/** In one bucket, a row is compared with this many others; the rest are found through those or another bucket. */
const comparedPerBucket = 8;

/**
 * Groups rows whose inputs are nearly the same text (see {@link rowTexts}), so that a split can keep each group on one
 * side. The same are texts of which at most a tenth of the words was edited (of the letters, in texts of fewer than 20
 * words), and texts that share most of their runs of five (Jaccard ≥ 0.8), such as paragraphs in another order. Texts
 * of fewer than 20 words with different numbers are different rows. Pairs to compare are found in nearly linear time: rows that share a band of MinHash over pairs of
 * words (triples of letters) or one half of their text.
 *
 * @returns For each row the number of its group: the smallest index among its members.
 */
export function groupNearDuplicates(examples: readonly Example[]): readonly number[] {
  const texts = rowTexts(examples);
  const groups = createGroups(examples.length);
  const distinct: ComparedRow[] = [];
  for (const [index, first] of firstOfEach(texts).entries()) {
    if (first === index) distinct.push(createComparedRow(index, texts[index] ?? ''));
    else groups.join(first, index);
  }
  for (const bucketOf of bucketings(distinct)) joinWithin(distinct, bucketOf, groups);
  return examples.map((_, index) => groups.of(index));
}

/** Groups rows whose inputs are the same words. @returns As {@link groupNearDuplicates}. */
export function groupEqualRows(examples: readonly Example[]): readonly number[] {
  return firstOfEach(rowTexts(examples));
}

function firstOfEach(texts: readonly string[]): number[] {
  const firstOfText = new Map<string, number>();
  return texts.map((text, index) => {
    const first = firstOfText.get(text) ?? index;
    firstOfText.set(text, first);
    return first;
  });
}

interface ComparedRow {
  readonly index: number;
  readonly text: string;
  readonly words: readonly string[];
  /** The numbers in the text, in their order, as one hash. */
  readonly numbers: number;
  runs?: Uint32Array;
  parts?: Uint32Array;
}

function createComparedRow(index: number, text: string): ComparedRow {
  const words = text.split(' ');
  const numbers = hashText(words.filter((word) => /\p{N}/u.test(word)).join(' '));
  return { index, text, words, numbers };
}

/** Ways to put rows into buckets, one after another: two rows that may be the same meet in one of them. */
function* bucketings(rows: readonly ComparedRow[]): Generator<(place: number) => number | undefined> {
  // A text near the border is in both kinds, so that a word more or less hides no twin.
  const isShort = ({ words }: ComparedRow) => words.length < longFrom + 5;
  const isLong = ({ words }: ComparedRow) => words.length >= longFrom - 4;
  for (const kind of [
    { has: isShort, shingles: ({ text }: ComparedRow) => shinglesOf([...text], 3, '') },
    { has: isLong, shingles: ({ words }: ComparedRow) => shinglesOf(words, 2, ' ') },
  ]) {
    const keys = new Uint32Array(rows.length * bands);
    const isIn = rows.map(kind.has);
    for (const [place, row] of rows.entries()) {
      if (isIn[place]) keys.set(bandKeys(kind.shingles(row)), place * bands);
    }
    for (let band = 0; band < bands; band += 1) {
      yield (place) => (isIn[place] ? keys[place * bands + band] : undefined);
    }
  }
  for (const half of [0, 1]) {
    const keys = rows.map(({ words }) => {
      const middle = words.length >> 1;
      return hashText((half === 0 ? words.slice(0, middle) : words.slice(middle)).join(' '));
    });
    yield (place) => ((rows[place]?.words.length ?? 0) >= 4 ? keys[place] : undefined);
  }
}

function joinWithin(
  rows: readonly ComparedRow[],
  bucketOf: (place: number) => number | undefined,
  groups: RowGroups,
): void {
  const buckets = new Map<number, ComparedRow[]>();
  for (const [place, row] of rows.entries()) {
    const key = bucketOf(place);
    if (key === undefined) continue;
    const bucket = buckets.get(key);
    if (bucket === undefined) {
      buckets.set(key, [row]);
      continue;
    }
    let group = groups.of(row.index);
    const last = Math.max(0, bucket.length - comparedPerBucket);
    for (let at = bucket.length - 1; at >= last; at -= 1) {
      const other = bucket[at] as ComparedRow;
      if (groups.of(other.index) === group || !isSameRow(other, row)) continue;
      groups.join(other.index, row.index);
      group = groups.of(row.index);
    }
    bucket.push(row);
  }
}

function isSameRow(first: ComparedRow, second: ComparedRow): boolean {
  const isLong = Math.min(first.words.length, second.words.length) >= longFrom;
  // A short text with another number is another row: "17 + 25" and "17 + 26".
  if (!isLong && first.numbers !== second.numbers) return false;
  const a = runsOf(first, isLong);
  const b = runsOf(second, isLong);
  const larger = Math.max(a.length, b.length);
  // Even if the smaller were part of the larger, too little would be the same.
  if (Math.min(a.length, b.length) < larger / 2) return false;
  const shared = countShared(a, b);
  if (shared >= sameRunsFrom * (a.length + b.length - shared)) return true;
  const parts = partsOf(first, isLong);
  const others = partsOf(second, isLong);
  const length = Math.max(parts.length, others.length);
  const most = Math.floor(length * editedShare);
  // An edit changes at most six runs of five, so more that differ are more edits: most pairs end here.
  if (length > mostEdited || most === 0 || larger - shared > 6 * most) return false;
  return isWithinEdits(parts, others, most);
}

function partsOf(row: ComparedRow, asWords: boolean): Uint32Array {
  if (asWords === row.words.length >= longFrom) {
    row.parts ??= createParts(row, asWords);
    return row.parts;
  }
  return createParts(row, asWords);
}

function createParts({ text, words }: ComparedRow, asWords: boolean): Uint32Array {
  return asWords
    ? Uint32Array.from(words, hashText)
    : Uint32Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}

function runsOf(row: ComparedRow, asWords: boolean): Uint32Array {
  if (asWords === row.words.length >= longFrom) {
    row.runs ??= createRuns(row, asWords);
    return row.runs;
  }
  return createRuns(row, asWords);
}

function createRuns({ text, words }: ComparedRow, asWords: boolean): Uint32Array {
  return asWords ? shinglesOf(words, 5, ' ') : shinglesOf([...text], 5, '');
}
