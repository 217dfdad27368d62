/** How many steps of an async iteration run at once, and what stops it. */
export interface ConcurrencyOptions {
  /** Most items in work at once, at least 1. */
  readonly limit: number;
  /** Most results that wait for slower ones before them, those in work among them. @default twice the limit */
  readonly window?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Settled<Result> =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly result: Result }
  | { readonly status: 'failed'; readonly reason: unknown };

/**
 * Runs `work` on every item, at most `limit` at once, and yields the results in the order of the items.
 * The source is read only as far as there is room, so a source of any length stays out of memory; results
 * wait for slower ones before them, within the window. When a step throws or the consumer stops, nothing new
 * is started and the steps in flight are awaited.
 */
export async function* mapConcurrently<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item, index: number) => Promise<Result>,
  { limit, window = 2 * limit, signal }: ConcurrencyOptions,
): AsyncGenerator<Result, void, void> {
  const source =
    Symbol.asyncIterator in items
      ? (items as AsyncIterable<Item>)[Symbol.asyncIterator]()
      : (items as Iterable<Item>)[Symbol.iterator]();
  const slots: { state: Settled<Result> }[] = [];
  let running = 0;
  let index = 0;
  let exhausted = false;
  let wake = () => {};

  const start = (item: Item) => {
    const slot: { state: Settled<Result> } = { state: { status: 'running' } };
    const settle = (state: Settled<Result>) => {
      slot.state = state;
      running -= 1;
      wake();
    };
    running += 1;
    slots.push(slot);
    work(item, index).then(
      (result) => settle({ status: 'done', result }),
      (reason) => settle({ status: 'failed', reason }),
    );
    index += 1;
  };
  const hasRoom = () => !exhausted && running < limit && slots.length < window;

  try {
    while (true) {
      while (hasRoom()) {
        signal?.throwIfAborted();
        const next = await source.next();
        if (next.done) exhausted = true;
        else start(next.value);
      }
      const first = slots[0];
      if (first === undefined) return;
      if (first.state.status === 'running') {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if (first.state.status === 'failed') throw first.state.reason;
      slots.shift();
      yield first.state.result;
    }
  } finally {
    while (running > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
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
