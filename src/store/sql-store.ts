import type { Clock } from '../base/clock.ts';
import { createAccess } from './access.ts';
import { createAnswers } from './answers.ts';
import { createCandidates } from './candidates.ts';
import { createEvents } from './events.ts';
import { createOutcomes } from './outcomes.ts';
import type { ProcessTable } from './process-table.ts';
import { createRuns } from './runs.ts';
import { createSealedTests } from './sealed-tests.ts';
import type { Store } from './store.ts';
import { createStoredPrompts } from './stored-prompts.ts';
import type { StoreDatabase } from './transaction.ts';

export interface SqlStoreOptions extends StoreDatabase {
  readonly location: string;
  readonly clock: Clock;
  readonly processes: ProcessTable;
}

/** The store on any database that Kysely speaks to. */
export function createSqlStore(options: SqlStoreOptions): Store {
  const { location, processes } = options;
  const access = createAccess(options);
  const { releaseAll, ...runs } = createRuns(access, processes);
  let closing: Promise<void> | undefined;

  const close = async () => {
    await access.close();
    try {
      await releaseAll();
    } finally {
      await options.close();
    }
  };

  return {
    location,
    answers: createAnswers(access, () => options.size()),
    runs,
    outcomes: createOutcomes(access),
    events: createEvents(access, processes),
    candidates: createCandidates(access),
    sealedTests: createSealedTests(access),
    prompts: createStoredPrompts(access),
    [Symbol.asyncDispose]: () => {
      closing ??= close();
      return closing;
    },
  };
}
