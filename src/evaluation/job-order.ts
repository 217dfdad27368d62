/** Gives results back in the order of their jobs, whatever order they came in. */
export interface JobOrder<Item> {
  /** Takes one result, and gives those whose turn has come. */
  take(item: Item, index: number): readonly Item[];
  /** Those whose turn never came, because jobs before them ended without a result. */
  rest(): readonly Item[];
}

/** Holds as many results as came before their turn. */
export function createJobOrder<Item>(): JobOrder<Item> {
  const waiting = new Map<number, Item>();
  let next = 0;
  return {
    take(item, index) {
      waiting.set(index, item);
      const due: Item[] = [];
      while (waiting.has(next)) {
        due.push(waiting.get(next) as Item);
        waiting.delete(next);
        next += 1;
      }
      return due;
    },
    rest() {
      const left = [...waiting].sort(([a], [b]) => a - b).map(([, item]) => item);
      waiting.clear();
      return left;
    },
  };
}

/** Items that were stored in the order of `indexes`, in the order of the indexes. */
export async function* inJobOrder<Item>(
  items: AsyncIterable<Item>,
  indexes: readonly number[],
): AsyncGenerator<Item, void, void> {
  const order = createJobOrder<Item>();
  let stored = 0;
  for await (const item of items) {
    yield* order.take(item, indexes[stored] ?? stored);
    stored += 1;
  }
  yield* order.rest();
}
