import { hash } from 'node:crypto';

/** Gives rows their ids, in their order; a new one for every pass over a dataset. */
export interface RowIds {
  /** @param content What makes the row what it is, as text. */
  ofContent(content: string): string;
  /** @param id What the row's own id column says. */
  ofColumn(id: string): string;
}

const firstCapacity = 2 ** 13;
/** 2^23 slots of 8 bytes: 64 MiB for 6.7 million different rows. */
const lastCapacity = 2 ** 23;
const fullShare = 0.8;
/** A slot holds 48 bits of hash and, in 5 bits, how often it was seen. */
const countBits = 32;

/**
 * Ids that depend on a row's content and on the order of equal rows alone: 12 hexadecimal digits of its SHA-256,
 * and `-2`, `-3` … for the second and third of equal rows. A repeated value of an id column gets the same
 * endings. What was seen is kept at 8 bytes a slot; beyond 6.7 million different rows new ones are
 * told apart by their number in the dataset instead (`-r7000001`).
 */
export function createRowIds({ maxSlots = lastCapacity }: { readonly maxSlots?: number } = {}): RowIds {
  let slots = new Float64Array(Math.min(firstCapacity, maxSlots));
  let used = 0;
  let row = 0;
  /** The rare rows that occur more often than a slot can count. */
  const manyTimes = new Map<number, number>();

  /** How often this key was seen, this time included; undefined when there is no room to remember it. */
  const count = (key: number): number | undefined => {
    const place = findSlot(slots, key);
    const value = slots[place] ?? 0;
    if (value === 0) {
      if (used >= slots.length * fullShare) {
        if (slots.length >= maxSlots) return undefined;
        slots = grow(slots, Math.min(slots.length * 4, maxSlots));
        return count(key);
      }
      used += 1;
      slots[place] = key * countBits + 1;
      return 1;
    }
    const seen = value % countBits;
    if (seen < countBits - 1) {
      slots[place] = value + 1;
      return seen + 1;
    }
    const times = (manyTimes.get(key) ?? seen) + 1;
    manyTimes.set(key, times);
    return times;
  };

  const distinguish = (id: string, key: number): string => {
    row += 1;
    for (let times = count(key); times !== undefined; times = count(key)) {
      if (times === 1) return id;
      const ending = `${id}-${times}`;
      // Counted too: a later row may have this very text as its own id, or an earlier one had it.
      const others = count(keyOf(ending));
      if (others === 1 || others === undefined) return ending;
    }
    return `${id}-r${row}`;
  };

  return {
    ofContent(content) {
      const id = hash('sha256', content, 'hex').slice(0, 12);
      return distinguish(id, Number.parseInt(id, 16));
    },
    ofColumn: (id) => distinguish(id, keyOf(id)),
  };
}

function keyOf(id: string): number {
  return Number.parseInt(hash('sha256', id, 'hex').slice(0, 12), 16);
}

/** The slot that holds the key, or the free one where it belongs. */
function findSlot(slots: Float64Array, key: number): number {
  let place = key % slots.length;
  for (;;) {
    const value = slots[place] ?? 0;
    if (value === 0 || Math.floor(value / countBits) === key) return place;
    place = place + 1 === slots.length ? 0 : place + 1;
  }
}

function grow(slots: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  for (const value of slots) {
    if (value !== 0) larger[findSlot(larger, Math.floor(value / countBits))] = value;
  }
  return larger;
}
