/** A server that is started anew, or takes over for another, is back within this time, in milliseconds. */
const longestOutageMs = 30_000;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/** What a server says that shuts down, starts up, or broke a connection. */
const awayCodes = /^(?:ECONN|EPIPE|ETIMEDOUT|08|57P0)/;
const awayMessages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client .* is not queryable)/;

/** Runs work on a server that may go away and come back. */
export interface Patience {
  /**
   * Runs it, and again while the server is away, up to half a minute.
   *
   * @param isRepeatable Whether it may be done twice. Else it is not run again once its end may have been reached
   * ({@link Patience.mayHaveEnded}).
   */
  run<Result>(work: () => Promise<Result>, options: { readonly isRepeatable: boolean }): Promise<Result>;
  /** Notes of what a transaction threw that its commit may have come through. */
  mayHaveEnded(thrown: unknown): void;
}

/** @param wasReached Whether the server was there at all: an address that is wrong is told at once. */
export function createPatience(wasReached: () => boolean): Patience {
  const uncertain = new WeakSet<object>();
  return {
    mayHaveEnded: (thrown) => uncertain.add(Object(thrown)),
    async run(work, { isRepeatable }) {
      let waited = 0;
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
        try {
          return await work();
        } catch (thrown) {
          const isOver = waited >= longestOutageMs || !wasReached() || !isAway(thrown);
          if (isOver || (!isRepeatable && uncertain.has(Object(thrown)))) throw thrown;
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        waited += pauseMs;
      }
    },
  };
}

/** Whether a connection broke, or the server shuts down or starts up; not: it lets nobody in. */
export function isAway(thrown: unknown): boolean {
  const { code, message } = Object(thrown) as { readonly code?: unknown; readonly message?: unknown };
  return awayCodes.test(String(code ?? '')) || awayMessages.test(String(message ?? ''));
}
