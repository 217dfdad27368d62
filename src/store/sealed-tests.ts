import type { Selectable } from 'kysely';
import type { StoreAccess } from './access.ts';
import type { SealedTestTable } from './schema.ts';
import type { SealedTests, SealedTestUse } from './store.ts';
import { lostRun } from './store-errors.ts';
import { rowsOf } from './transaction.ts';

export function createSealedTests({ db, read, transact, clock }: StoreAccess): SealedTests {
  const usesOf = (test: string) =>
    db.selectFrom('sealed_tests').selectAll().where('test', '=', test).orderBy('number');

  return {
    use: ({ runId, token }, { test, name, rows }) =>
      transact(function* () {
        const [owned] = yield* rowsOf(
          db.selectFrom('runs').select('id').where('id', '=', runId).where('owner', '=', token),
        );
        if (owned === undefined) throw lostRun(runId);
        const uses = yield* rowsOf(usesOf(test));
        const known = uses.find((use) => use.run_id === runId);
        if (known !== undefined) return toUse(known);
        const use = {
          test,
          run_id: runId,
          name,
          row_count: rows,
          number: Number(uses.at(-1)?.number ?? 0) + 1,
          used_at: clock.now(),
        };
        yield* rowsOf(db.insertInto('sealed_tests').values(use));
        return toUse(use);
      }),
    list: (test) => read(async () => (await usesOf(test).execute()).map(toUse)),
  };
}

function toUse({ run_id, row_count, used_at, ...use }: Selectable<SealedTestTable>): SealedTestUse {
  return {
    test: use.test,
    runId: run_id,
    name: use.name,
    rows: Number(row_count),
    number: Number(use.number),
    at: Number(used_at),
  };
}
