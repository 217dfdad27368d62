const hashes = 128;
const rowsPerBand = 4;
export const bands = hashes / rowsPerBand;

/** FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3, which spreads it over all 32 bits. */
export function hashText(text: string): number {
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

/**
 * One key for each band of a set's MinHash signature. Two sets of Jaccard similarity s share a key with probability
 * 1 − (1 − s⁴)³²: 0.87 at 0.5, 0.9998 at 0.7.
 *
 * @see Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman and Ullman, "Mining of
 * Massive Datasets", §3.4, for the bands.
 */
export function bandKeys(shingles: Uint32Array): Uint32Array {
  const signature = new Uint32Array(hashes).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let index = 0; index < hashes; index += 1) {
      const value = (Math.imul(multipliers[index] ?? 1, shingle) + (offsets[index] ?? 0)) >>> 0;
      if (value < (signature[index] ?? 0)) signature[index] = value;
    }
  }
  const keys = new Uint32Array(bands);
  for (let band = 0; band < bands; band += 1) {
    let key = band;
    for (let at = band * rowsPerBand; at < (band + 1) * rowsPerBand; at += 1) {
      key = Math.imul(key ^ (signature[at] ?? 0), 0x85ebca6b);
      key = (key ^ (key >>> 13)) >>> 0;
    }
    keys[band] = key;
  }
  return keys;
}

/** Hashes of all runs of `length` parts, each once, ascending; the whole where there are fewer parts. */
export function shinglesOf(parts: readonly string[], length: number, separator: string): Uint32Array {
  const shingles = new Set<number>();
  for (let start = 0; start === 0 || start + length <= parts.length; start += 1) {
    shingles.add(hashText(parts.slice(start, start + length).join(separator)));
  }
  return Uint32Array.from(shingles).sort();
}

/** How many members two ascending sets share. */
export function countShared(first: Uint32Array, second: Uint32Array): number {
  let shared = 0;
  let at = 0;
  let other = 0;
  while (at < first.length && other < second.length) {
    const difference = (first[at] ?? 0) - (second[other] ?? 0);
    if (difference === 0) shared += 1;
    if (difference <= 0) at += 1;
    if (difference >= 0) other += 1;
  }
  return shared;
}
