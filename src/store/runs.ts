import type { StoreAccess } from './access.ts';
import { type Claims, createClaims } from './claims.ts';
import type { ProcessTable } from './process-table.ts';
import { toRunColumns, toRunRecord } from './run-rows.ts';
import type { Runs } from './store.ts';
import { lostRun, unknownRun } from './store-errors.ts';
import { rowsOf } from './transaction.ts';

/** The runs, and their claims that end with the store. */
export function createRuns(access: StoreAccess, processes: ProcessTable): Runs & Pick<Claims, 'releaseAll'> {
  const { db, read, transact, clock, wakes } = access;
  const { open, releaseAll } = createClaims(access, processes);

  return {
    open,
    releaseAll,
    read: (id) =>
      read(async () => {
        const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
        return row && toRunRecord(row);
      }),
    find: (identity) =>
      read(async () => {
        const row = await db
          .selectFrom('runs')
          .selectAll()
          .where('identity', '=', identity)
          .orderBy('position', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row && toRunRecord(row);
      }),
    list: ({ kind, status, limit = 100 } = {}) =>
      read(async () => {
        let query = db.selectFrom('runs').selectAll().orderBy('position', 'desc').limit(limit);
        if (kind !== undefined) query = query.where('kind', '=', kind);
        if (status !== undefined) query = query.where('status', 'in', [status].flat());
        return (await query.execute()).map(toRunRecord);
      }),
    async update({ runId, token }, change) {
      await transact(function* () {
        const [updated] = yield* rowsOf(
          db
            .updateTable('runs')
            .set(toRunColumns(change, clock.now()))
            .where('id', '=', runId)
            .where('owner', '=', token)
            .returning('id'),
        );
        if (updated !== undefined) return;
        const [run] = yield* rowsOf(db.selectFrom('runs').select('id').where('id', '=', runId));
        throw run === undefined ? unknownRun(runId) : lostRun(runId);
      });
      wakes.wake(runId);
    },
  };
}
