/**
 * The same promise, whose failure is not reported as unhandled while nobody waits for it yet. Whoever awaits
 * it later still gets the failure.
 */
export function settledLater<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}
