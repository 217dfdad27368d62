import { canonicalJson } from '../../base/canonical-json.ts';
import type { Candidate } from '../../prompt/candidate.ts';

/** A candidate with those that it came from. */
export interface Descendant<Self> {
  readonly candidate: Candidate;
  readonly parents: readonly Self[];
}

/** Everything that an item came from, nearest first. */
export function ancestorsOf<Item extends Descendant<Item>>(item: Item): readonly Item[] {
  const found = new Set<Item>();
  const queue = [...item.parents];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (found.has(next)) continue;
    found.add(next);
    queue.push(...next.parents);
  }
  return [...found];
}

/** What two candidates share as origin, where neither came from the other. */
export function commonAncestors<Item extends Descendant<Item>>(one: Item, other: Item): readonly Item[] {
  const [ofOne, ofOther] = [ancestorsOf(one), ancestorsOf(other)];
  if (ofOne.includes(other) || ofOther.includes(one)) return [];
  return ofOne.filter((ancestor) => ofOther.includes(ancestor));
}

/**
 * The parameters of two descendants in one candidate: of each parameter the one that was changed since the
 * ancestor; where both changed it, that of `better`. Undefined where a merge would only give one of the two.
 */
export function mergeSince(ancestor: Candidate, better: Candidate, other: Candidate): Candidate | undefined {
  const isSame = (name: string, a: Candidate, b: Candidate) =>
    canonicalJson(a[name] ?? null) === canonicalJson(b[name] ?? null);
  const names = Object.keys(better);
  const ofOther = names.filter((name) => isSame(name, better, ancestor) && !isSame(name, other, ancestor));
  const isOwn = names.some((name) => !isSame(name, better, ancestor) && !isSame(name, better, other));
  if (ofOther.length === 0 || !isOwn) return undefined;
  return { ...better, ...Object.fromEntries(ofOther.map((name) => [name, other[name]])) } as Candidate;
}
