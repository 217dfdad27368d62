import { describe, it } from './test-runner.ts';

/** One promise of a contract. `check` throws an error that says how it was broken. */
export interface ContractCheck {
  readonly title: string;
  /** Why the promise does not apply here. */
  readonly skip?: string | undefined;
  check(): Promise<void>;
}

/** Makes a test of each check; one that does not apply says why in its title. */
export function runChecks(name: string, checks: readonly ContractCheck[]): void {
  describe(name, () => {
    for (const { title, skip, check } of checks) {
      if (skip === undefined) it(title, check);
      else it.skip(`${title} (skipped: ${skip})`, check);
    }
  });
}
