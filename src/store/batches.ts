/** Gathers calls until the current turn of the event loop is over and serves them together. */
export interface Batcher<Item, Result> {
  /** Waits in the queue; settles with the batch that takes the item. */
  add(item: Item): Promise<Result>;
  /** Resolves when everything added so far is served, whether well or not. */
  drain(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Serves what is waiting as soon as the previous batch is done, at most `limit` items at a time. No timer:
 * a single item waits for the end of the turn, and under load the batches grow by themselves. Between batches
 * the event loop gets its turn. A caller that awaits each promise is held back by it, which bounds the queue.
 *
 * @param serve Gives one result for each item, in their order.
 */
export function createBatcher<Item, Result>(
  limit: number,
  serve: (items: readonly Item[]) => Promise<readonly Result[]>,
): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let working = false;
  let idle: (() => void)[] = [];

  const work = async () => {
    while (waiting.length > 0) {
      const batch = waiting.length <= limit ? waiting : waiting.slice(0, limit);
      waiting = waiting.length <= limit ? [] : waiting.slice(limit);
      try {
        const results = await serve(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
      } catch (thrown) {
        for (const { reject } of batch) reject(thrown);
      }
      if (waiting.length > 0) await endOfTurn();
    }
    working = false;
    const resolvers = idle;
    idle = [];
    for (const resolve of resolvers) resolve();
  };

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (working) return;
        working = true;
        setImmediate(() => void work());
      }),
    drain: () => (working ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve()),
  };
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Cuts a number of rows into statement sizes: few distinct sizes, so few statements to compile and to keep.
 */
export function chunkSizes(rows: number): number[] {
  const sizes: number[] = [];
  let left = rows;
  for (const size of [64, 16, 4, 1]) {
    for (; left >= size; left -= size) sizes.push(size);
  }
  return sizes;
}
