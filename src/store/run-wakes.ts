/** Tells who follows a run that something was written, within this process. */
export interface RunWakes {
  /** Calls back at each write to the run. @returns stops listening */
  listen(runId: string, listener: () => void): () => void;
  wake(runId: string): void;
  wakeAll(): void;
}

export function createRunWakes(): RunWakes {
  const byRun = new Map<string, Set<() => void>>();
  const call = (listeners: Iterable<() => void> = []) => {
    for (const listener of listeners) listener();
  };
  return {
    listen(runId, listener) {
      const listeners = byRun.get(runId) ?? new Set();
      byRun.set(runId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) byRun.delete(runId);
      };
    },
    wake: (runId) => call(byRun.get(runId)),
    wakeAll: () => {
      for (const listeners of byRun.values()) call(listeners);
    },
  };
}
