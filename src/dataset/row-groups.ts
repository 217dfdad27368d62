/** Items 0 to `count` − 1 that are joined pair by pair; the group of an item is its smallest member. */
export interface RowGroups {
  of(index: number): number;
  join(first: number, second: number): void;
}

/** Union–find: joining and asking take nearly constant time. */
export function createGroups(count: number): RowGroups {
  const parents = Array.from({ length: count }, (_, index) => index);
  const of = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] ?? root;
    for (let item = index; item !== root; ) {
      const next = parents[item] ?? root;
      parents[item] = root;
      item = next;
    }
    return root;
  };
  const join = (first: number, second: number): void => {
    const [low, high] = [of(first), of(second)].sort((a, b) => a - b) as [number, number];
    parents[high] = low;
  };
  return { of, join };
}
