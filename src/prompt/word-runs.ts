/** Words in a row that two texts share only when one quotes the other. */
const runLength = 8;
/** Scripts without spaces are counted by character: so many say about as much as eight words. */
const characterRunLength = 16;
/** Characters that are read before other work has its turn: about ten milliseconds. */
const sliceLength = 100_000;
/** Most runs that are kept: 64 MiB. Beyond, an evenly drawn part of them is. */
const mostRuns = 4_000_000;
/** Commonness is asked of so many rows, drawn evenly; of fewer than the least, nothing is common. */
const commonSample = 64;
const leastForCommon = 8;

/** The runs of eight words of many rows, to be asked about a text at the cost of that text alone. */
export interface RunIndex {
  /**
   * The first run of a text that one of the rows has too: not one of these other texts, and not most of the rows.
   * In lower case, as it stands in the text.
   */
  firstShared(text: string, except?: readonly string[]): string | undefined;
  /** One of so many runs is kept: 1 is all, and above it only a longer quotation is sure to be found. */
  readonly keptOneOf: number;
}

export interface IndexOptions {
  /** Lets other work have its turn between two slices. @default the next turn of the event loop */
  readonly turn?: (() => Promise<void>) | undefined;
  /** Most runs that are kept. @default 4,000,000 */
  readonly most?: number | undefined;
}

/**
 * Reads each row (its texts) once, about 10 million characters a second, in slices between which other work has its
 * turn. A run is known by a hash of 53 bits: among a million runs, a text of a thousand words is taken for a
 * quotation by chance once in ten million times. Memory is bounded whatever the rows.
 */
export async function indexRuns(
  rows: readonly (readonly string[])[],
  { turn = nextTurn, most = mostRuns }: IndexOptions = {},
): Promise<RunIndex> {
  const length = rows.reduce((sum, texts) => texts.reduce((all, text) => all + text.length, sum), 0);
  const runs = createHashSet({ expected: length / 4, most });
  const common = commonCounter(rows.length);
  let left = sliceLength;
  for (const [number, texts] of rows.entries()) {
    const seen = common.ofRow(number);
    for (const text of texts) {
      const lower = text.toLowerCase();
      const reader = createReader((hash) => {
        runs.add(hash);
        seen?.add(hash);
      });
      for (let from = 0; from < lower.length; ) {
        const to = Math.min(from + left, lower.length);
        reader.read(lower, from, to);
        left -= to - from;
        from = to;
        if (left > 0) continue;
        await turn();
        left = sliceLength;
      }
      reader.end(lower.length);
    }
    if (seen !== undefined) common.close(seen);
  }
  const inMost = common.inMost();
  return {
    get keptOneOf() {
      return runs.keptOneOf;
    },
    firstShared: (text, except = []) => {
      const known = hashesOf(except);
      return firstRun(text, (hash) => runs.has(hash) && !inMost.has(hash) && !known.has(hash));
    },
  };
}

/** The hash of each run of these texts. */
export function hashesOf(texts: readonly string[]): ReadonlySet<number> {
  const hashes = new Set<number>();
  for (const text of texts) eachRun(text.toLowerCase(), (hash) => hashes.add(hash));
  return hashes;
}

/** The first run of a text whose hash is accepted, in lower case. */
export function firstRun(text: string, accepts: (hash: number) => boolean): string | undefined {
  const lower = text.toLowerCase();
  let found: string | undefined;
  eachRun(lower, (hash, from, to) => {
    if (found === undefined && accepts(hash)) found = lower.slice(from, to);
  });
  return found?.replaceAll(/\s+/g, ' ');
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Counts in how many of an even draw of rows a run stands. */
function commonCounter(rows: number) {
  const drawn = Math.min(rows, commonSample);
  const chosen = new Set(
    Array.from({ length: rows < leastForCommon ? 0 : drawn }, (_, index) =>
      Math.floor((index * rows) / drawn),
    ),
  );
  const counts = new Map<number, number>();
  return {
    ofRow: (number: number) => (chosen.has(number) ? new Set<number>() : undefined),
    close: (seen: ReadonlySet<number>) => {
      for (const hash of seen) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    },
    inMost: (): ReadonlySet<number> =>
      new Set([...counts].filter(([, count]) => count > chosen.size / 2).map(([hash]) => hash)),
  };
}

type Visit = (hash: number, from: number, to: number) => void;

function eachRun(lower: string, visit: Visit): void {
  const reader = createReader(visit);
  reader.read(lower, 0, lower.length);
  reader.end(lower.length);
}

/** Reads a text in lower case part by part, and calls with the hash and the place of each run. */
function createReader(visit: Visit) {
  const words = createRing(runLength, visit);
  const characters = createRing(characterRunLength, visit);
  let first = 0;
  let second = 0;
  let start = -1;
  const end = (index: number) => {
    if (start >= 0) words.push({ first, second, from: start, to: index });
    start = -1;
  };
  return {
    read(lower: string, from: number, to: number) {
      for (let index = from; index < to; index += 1) {
        const unit = lower.charCodeAt(index);
        const kind = kindOf(unit, lower, index);
        if (kind === unitKind.separator) {
          end(index);
          continue;
        }
        if (start < 0) {
          start = index;
          first = 0x811c9dc5;
          second = 0x9747b28c;
        }
        first = Math.imul(first ^ unit, 0x01000193);
        second = Math.imul(second ^ unit, 0x5bd1e995);
        second ^= second >>> 15;
        if (kind === unitKind.character) {
          characters.push({
            first: Math.imul(unit, 0x9e3779b1),
            second: Math.imul(unit, 0x85ebca77),
            from: index,
            to: index + 1,
          });
        }
      }
    },
    end,
  };
}

/** A word or a character: two hashes, and where it stands. */
interface Member {
  readonly first: number;
  readonly second: number;
  readonly from: number;
  readonly to: number;
}

/** The last members of a text; from the first full one on, each new one completes a run. */
function createRing(length: number, visit: Visit) {
  const high = new Uint32Array(length);
  const low = new Uint32Array(length);
  const starts = new Float64Array(length);
  let count = 0;
  return {
    push({ first, second, from, to }: Member) {
      const last = count % length;
      high[last] = first;
      low[last] = second;
      starts[last] = from;
      count += 1;
      if (count < length) return;
      let left = length;
      let right = 0;
      for (let back = 0; back < length; back += 1) {
        const place = (count + back) % length;
        left = Math.imul(left, 0x01000193) ^ (high[place] ?? 0);
        right = Math.imul(right, 0x85ebca6b) ^ (low[place] ?? 0);
      }
      // Never 0, which stands for an empty place.
      visit((mixed(left) & 0x1fffff) * 0x1_0000_0000 + mixed(right) + 1, starts[count % length] ?? 0, to);
    },
  };
}

/** Spreads what a product leaves in the high bits. */
function mixed(hash: number): number {
  let bits = hash;
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const isWord = /^[\p{L}\p{N}\p{M}]$/u;
const isUnspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u;
const unitKind = { unknown: 0, word: 1, separator: 2, character: 3 } as const;
const unitKinds = new Uint8Array(0x1_0000);

function kindOf(unit: number, text: string, index: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) {
    const start = unit >= 0xdc00 ? index - 1 : index;
    return kindOfCharacter(String.fromCodePoint(text.codePointAt(start) ?? 0));
  }
  const known = unitKinds[unit] ?? unitKind.unknown;
  if (known !== unitKind.unknown) return known;
  const kind = kindOfCharacter(String.fromCharCode(unit));
  unitKinds[unit] = kind;
  return kind;
}

function kindOfCharacter(character: string): number {
  if (!isWord.test(character)) return unitKind.separator;
  return isUnspaced.test(character) ? unitKind.character : unitKind.word;
}

/** Numbers above 0 by open addressing: a tenth of the time and memory of a `Set`. */
function createHashSet({ expected, most }: { readonly expected: number; readonly most: number }) {
  const sized = (runs: number) => new Float64Array(2 ** Math.ceil(Math.log2(Math.max(16, 2 * runs))));
  let size = 0;
  let keptOneOf = 1;
  let table = sized(Math.min(expected, most));
  const isKept = (hash: number) => keptOneOf === 1 || Math.floor(hash / 0x1_0000_0000) % keptOneOf === 0;
  const placeOf = (hash: number): number => {
    const mask = table.length - 1;
    let place = hash & mask;
    for (let held = table[place]; held !== 0 && held !== hash; held = table[place])
      place = (place + 1) & mask;
    return place;
  };
  const refill = (next: Float64Array<ArrayBuffer>) => {
    const before = table;
    table = next;
    size = 0;
    for (const held of before) {
      if (held === 0 || !isKept(held)) continue;
      table[placeOf(held)] = held;
      size += 1;
    }
  };
  return {
    get keptOneOf() {
      return keptOneOf;
    },
    add(hash: number) {
      if (!isKept(hash)) return;
      const place = placeOf(hash);
      if (table[place] === hash) return;
      table[place] = hash;
      size += 1;
      if (size >= most) {
        keptOneOf *= 2;
        refill(new Float64Array(table.length));
      } else if (2 * size > table.length) {
        refill(sized(table.length));
      }
    },
    has: (hash: number) => table[placeOf(hash)] === hash,
  };
}
