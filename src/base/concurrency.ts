/** How many steps of an async iteration run at once, and what stops it. */
export interface ConcurrencyOptions {
  /** Most items in work at once, at least 1. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` on every item, at most `limit` at once, and yields the results in the order of the items.
 * The source is read only as far as there is room, so a source of any length stays out of memory. When a
 * step throws or the consumer stops, nothing new is started and the steps in flight are awaited.
 */
export async function* mapConcurrently<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item, index: number) => Promise<Result>,
  { limit, signal }: ConcurrencyOptions,
): AsyncGenerator<Result, void, void> {
  const source =
    Symbol.asyncIterator in items
      ? (items as AsyncIterable<Item>)[Symbol.asyncIterator]()
      : (items as Iterable<Item>)[Symbol.iterator]();
  // Results wait in order; a bound of twice the limit keeps one slow item from holding everything back.
  const inOrder: Promise<Result>[] = [];
  const inWork = new Set<Promise<Result>>();
  let index = 0;
  let exhausted = false;
  try {
    while (true) {
      while (!exhausted && inWork.size < limit && inOrder.length < 2 * limit) {
        signal?.throwIfAborted();
        const next = await source.next();
        if (next.done) {
          exhausted = true;
          break;
        }
        const step = work(next.value, index);
        index += 1;
        inWork.add(step);
        const settled = () => inWork.delete(step);
        step.then(settled, settled);
        inOrder.push(step);
      }
      const first = inOrder[0];
      if (first === undefined) return;
      if (inWork.size >= limit && inWork.has(first)) {
        await Promise.race(inWork);
        if (inWork.has(first)) continue;
      }
      yield await first;
      inOrder.shift();
    }
  } finally {
    await Promise.allSettled(inOrder);
    await source.return?.();
  }
}

/** Every result of {@link mapConcurrently}, in the order of the items. */
export async function mapAllConcurrently<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item, index: number) => Promise<Result>,
  options: ConcurrencyOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  for await (const result of mapConcurrently(items, work, options)) results.push(result);
  return results;
}

/** Runs one piece of work at a time, in the order of asking. */
export function createMutex(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = tail.then(work, work);
    tail = turn.catch(() => undefined);
    return turn;
  };
}
