import type { Store } from '../store/store.ts';

/** A store that is open only while somebody uses it, and opens again when somebody does later. */
export interface OnDemandStore extends Store {
  /** Keeps it open, once it is, until the returned function has been called. */
  hold(): () => Promise<void>;
}

/**
 * A store without a lifetime of its own: a caller that asks for a result after the work is done still gets
 * it, and no process is left with an open database.
 */
export function onDemandStore(location: string, open: () => Promise<Store>): OnDemandStore {
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

  return {
    location,
    hold() {
      users += 1;
      let isHeld = true;
      return async () => {
        if (!isHeld) return;
        isHeld = false;
        await release();
      };
    },
    readAnswer: (key) => using((store) => store.readAnswer(key)),
    writeAnswer: (answer) => using((store) => store.writeAnswer(answer)),
    countAnswers: () => using((store) => store.countAnswers()),
    clearAnswers: () => using((store) => store.clearAnswers()),
    createRun: (run) => using((store) => store.createRun(run)),
    readRun: (id) => using((store) => store.readRun(id)),
    findRun: (identity) => using((store) => store.findRun(identity)),
    listRuns: (options) => using((store) => store.listRuns(options)),
    updateRun: (id, change) => using((store) => store.updateRun(id, change)),
    async claimRun(id) {
      // The claim lives on the connection, which therefore stays open as long as the claim.
      const store = await acquire();
      try {
        const claim = await store.claimRun(id);
        return {
          run: claim.run,
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
    writeOutcome: (runId, outcome) => using((store) => store.writeOutcome(runId, outcome)),
    async *readOutcomes(runId, from) {
      const store = await acquire();
      try {
        yield* store.readOutcomes(runId, from);
      } finally {
        await release();
      }
    },
    countOutcomes: (runId) => using((store) => store.countOutcomes(runId)),
    writeEvent: (runId, index, event) => using((store) => store.writeEvent(runId, index, event)),
    readEvents: (runId, from) => using((store) => store.readEvents(runId, from)),
    writeCandidate: (hash, candidate) => using((store) => store.writeCandidate(hash, candidate)),
    readCandidate: (hash) => using((store) => store.readCandidate(hash)),
    [Symbol.asyncDispose]: close,
  };
}
