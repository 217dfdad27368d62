/** Rejects with the signal's reason as soon as it aborts, else settles as `work` does. */
export function abortable<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) {
      // Nobody waits for the work any more, so its failure must not count as unhandled.
      work.catch(() => undefined);
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    work.then(
      (result) => {
        signal.removeEventListener('abort', stop);
        resolve(result);
      },
      (thrown) => {
        signal.removeEventListener('abort', stop);
        reject(thrown);
      },
    );
  });
}

/** An AbortController that follows a signal until it is released. */
export interface FollowingController {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Lets go of the followed signal, so that a long-lived signal does not collect listeners. */
  release(): void;
}

/** Makes a controller that aborts with `signal`, and can be aborted on its own. */
export function followSignal(signal: AbortSignal | undefined): FollowingController {
  const controller = new AbortController();
  const follow = () => controller.abort(signal?.reason);
  if (signal?.aborted) follow();
  else signal?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => signal?.removeEventListener('abort', follow),
  };
}
