import { existsSync } from 'node:fs';
import type { Store } from '../store/store.ts';

/** A store that is open only while somebody uses it, and opens again when somebody does later. */
export interface OnDemandStore extends Store {
  /** Keeps it open, once it is, until the returned function has been called. */
  hold(): () => Promise<void>;
  /** Whether it was made already, so that looking into it makes nothing. */
  exists(): boolean;
}

/**
 * A store without a lifetime of its own: a caller that asks for a result after the work is done still gets
 * it, and no process is left with an open database.
 */
export function onDemandStore(
  location: string,
  open: () => Promise<Store>,
  exists = () => existsSync(location),
): OnDemandStore {
  let opened: Promise<Store> | undefined;
  let users = 0;

  const acquire = async (): Promise<Store> => {
    users += 1;
    const opening = opened ?? open();
    opened = opening;
    try {
      return await opening;
    } catch (thrown) {
      if (opened === opening) opened = undefined;
      users -= 1;
      throw thrown;
    }
  };
  const close = async () => {
    const closing = opened;
    opened = undefined;
    await (await closing)?.[Symbol.asyncDispose]();
  };
  const release = async () => {
    users -= 1;
    if (users === 0) await close();
  };
  const using = async <Result>(work: (store: Store) => Promise<Result>): Promise<Result> => {
    const store = await acquire();
    try {
      return await work(store);
    } finally {
      await release();
    }
  };
  async function* iterating<Item>(work: (store: Store) => AsyncIterable<Item>): AsyncGenerator<Item> {
    const store = await acquire();
    try {
      yield* work(store);
    } finally {
      await release();
    }
  }

  return {
    location,
    exists,
    hold() {
      users += 1;
      let isHeld = true;
      return async () => {
        if (!isHeld) return;
        isHeld = false;
        await release();
      };
    },
    answers: {
      read: (key) => using(({ answers }) => answers.read(key)),
      write: (answer) => using(({ answers }) => answers.write(answer)),
      count: () => using(({ answers }) => answers.count()),
      clear: () => using(({ answers }) => answers.clear()),
    },
    runs: {
      async open(run) {
        // The claim lives on the connection, which therefore stays open as long as the claim.
        const store = await acquire();
        try {
          const claim = await store.runs.open(run);
          return {
            ...claim,
            async [Symbol.asyncDispose]() {
              await claim[Symbol.asyncDispose]();
              await release();
            },
          };
        } catch (thrown) {
          await release();
          throw thrown;
        }
      },
      read: (id) => using(({ runs }) => runs.read(id)),
      find: (identity) => using(({ runs }) => runs.find(identity)),
      list: (options) => using(({ runs }) => runs.list(options)),
      update: (owner, change) => using(({ runs }) => runs.update(owner, change)),
    },
    outcomes: {
      write: (owner, outcome) => using(({ outcomes }) => outcomes.write(owner, outcome)),
      read: (runId, options) => iterating(({ outcomes }) => outcomes.read(runId, options)),
      get: (runId, keys) => using(({ outcomes }) => outcomes.get(runId, keys)),
      count: (runId, options) => using(({ outcomes }) => outcomes.count(runId, options)),
    },
    events: {
      write: (owner, index, event) => using(({ events }) => events.write(owner, index, event)),
      read: (runId, from) => using(({ events }) => events.read(runId, from)),
      watch: (runId, from, options) => iterating(({ events }) => events.watch(runId, from, options)),
    },
    candidates: {
      write: (hash, parameters) => using(({ candidates }) => candidates.write(hash, parameters)),
      read: (hash) => using(({ candidates }) => candidates.read(hash)),
    },
    sealedTests: {
      use: (owner, use) => using(({ sealedTests }) => sealedTests.use(owner, use)),
      list: (test) => using(({ sealedTests }) => sealedTests.list(test)),
    },
    prompts: {
      names: () => using(({ prompts }) => prompts.names()),
      read: (name) => using(({ prompts }) => prompts.read(name)),
      addVersion: (name, version) => using(({ prompts }) => prompts.addVersion(name, version)),
      addMove: (name, move) => using(({ prompts }) => prompts.addMove(name, move)),
    },
    [Symbol.asyncDispose]: close,
  };
}
