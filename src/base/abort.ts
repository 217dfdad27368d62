const listenersKey = Symbol('hone.abort-listeners');

/** The listeners are kept on the signal: a WeakMap of short-lived signals costs the garbage collector dearly. */
interface ListenedSignal extends AbortSignal {
  [listenersKey]?: Set<() => void>;
}

/**
 * Calls `listener` when the signal aborts. Any number of listeners costs the signal one event listener, so
 * that a thousand calls may wait on the signal of one run.
 *
 * @returns stops listening.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const listened: ListenedSignal = signal;
  const listeners = listened[listenersKey] ?? new Set<() => void>();
  if (listened[listenersKey] === undefined) {
    listened[listenersKey] = listeners;
    const callAll = () => {
      for (const each of listeners) each();
      listeners.clear();
    };
    signal.addEventListener('abort', callAll, { once: true });
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

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
    const ignore = onAbort(signal, stop);
    work.then(
      (result) => {
        ignore();
        resolve(result);
      },
      (thrown) => {
        ignore();
        reject(thrown);
      },
    );
  });
}

/** An AbortController that follows a signal until it is released. */
export interface FollowingController {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Lets go of the followed signal. */
  release(): void;
}

/** Makes a controller that aborts with `signal`, and can be aborted on its own. */
export function followSignal(signal: AbortSignal | undefined): FollowingController {
  const controller = new AbortController();
  const abort = (reason: unknown) => controller.abort(reason);
  if (signal?.aborted) abort(signal.reason);
  const release =
    signal === undefined || signal.aborted ? () => undefined : onAbort(signal, () => abort(signal.reason));
  return { signal: controller.signal, abort, release };
}

/** A controller whose signal is made when it is first asked for. */
export interface LazyController {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** Makes a controller for work that seldom needs its signal: a signal costs more than reading a stored answer. */
export function lazyController(): LazyController {
  let controller: AbortController | undefined;
  let early: { readonly reason: unknown } | undefined;
  return {
    get signal() {
      if (controller === undefined) {
        controller = new AbortController();
        if (early !== undefined) controller.abort(early.reason);
      }
      return controller.signal;
    },
    abort(reason) {
      if (controller === undefined) early ??= { reason };
      else controller.abort(reason);
    },
  };
}
