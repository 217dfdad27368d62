/** Lets any number of waiters sleep until something has happened. */
export interface Wake {
  /** Resolves at the next `all()`. */
  wait(): Promise<void>;
  /** Wakes everyone who waits. */
  all(): void;
}

export function createWake(): Wake {
  let waiters: (() => void)[] = [];
  return {
    wait: () => new Promise((resolve) => waiters.push(resolve)),
    all: () => {
      const woken = waiters;
      waiters = [];
      for (const resolve of woken) resolve();
    },
  };
}
