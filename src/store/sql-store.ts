import type { CompiledQuery, Kysely } from 'kysely';
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { createBatcher } from './batches.ts';
import { createClaims, unknownRun } from './claims.ts';
import type { ProcessTable } from './process-table.ts';
import { toRunColumns, toRunRecord } from './run-rows.ts';
import type { StoreTables } from './schema.ts';
import { type AppendedRow, type AppendTable, createStatements } from './statements.ts';
import type { OutcomeRecord, Store } from './store.ts';
import { closedError, toStoreError } from './store-errors.ts';

/** Rows of one transaction: the drivers block the event loop, so each stays short. */
const transactionRows = 500;
const pageRows = 1_000;

export interface SqlStoreOptions {
  readonly db: Kysely<StoreTables>;
  readonly location: string;
  readonly clock: Clock;
  readonly processes: ProcessTable;
  /** Bytes of the database. */
  readonly size: () => number;
  /** Runs writing statements as one transaction. */
  readonly writeTogether: (queries: readonly CompiledQuery[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The store on any database that Kysely speaks to. */
export function createSqlStore(options: SqlStoreOptions): Store {
  const { db, location, clock, processes, size, writeTogether } = options;
  const statements = createStatements(db);
  const claims = createClaims({ db, clock, processes });
  let isClosed = false;

  const guard = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (isClosed) throw closedError(location);
    try {
      return await work();
    } catch (thrown) {
      throw toStoreError(thrown, location);
    }
  };

  const writes = createBatcher<AppendedRow, void>(transactionRows, async (rows) => {
    try {
      await writeTogether(statements.insert(rows));
      return [];
    } catch (thrown) {
      throw toStoreError(thrown, location);
    }
  });
  const lookups = createBatcher<string, string | undefined>(64, async (keys) => {
    try {
      const found = await statements.readAnswers(keys);
      return keys.map((key) => found.get(key));
    } catch (thrown) {
      throw toStoreError(thrown, location);
    }
  });
  const append = (table: AppendTable, values: AppendedRow['values']): Promise<void> =>
    isClosed ? Promise.reject(closedError(location)) : writes.add({ table, values });

  const readRun = (id: string) =>
    guard(async () => {
      const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRunRecord(row);
    });

  return {
    location,

    readAnswer: (key) => (isClosed ? Promise.reject(closedError(location)) : lookups.add(key)),
    writeAnswer: ({ key, modelId, answer }) => append('answers', [key, modelId, answer]),
    countAnswers: () =>
      guard(async () => {
        const rows = await db
          .selectFrom('answers')
          .select((select) => ['model_id as modelId', select.fn.countAll<number>().as('answers')])
          .groupBy('model_id')
          .orderBy('model_id')
          .execute();
        const byModel = rows.map(({ modelId, answers }) => ({ modelId, answers: Number(answers) }));
        const answers = byModel.reduce((sum, model) => sum + model.answers, 0);
        return { answers, bytes: size(), byModel };
      }),
    clearAnswers: () =>
      guard(async () => {
        const { numDeletedRows } = await db.deleteFrom('answers').executeTakeFirst();
        return Number(numDeletedRows);
      }),

    createRun: ({ id, kind, name, identity, plan }) =>
      guard(async () => {
        const now = clock.now();
        const row = await db
          .insertInto('runs')
          .values({
            id,
            kind,
            name,
            identity,
            status: 'active',
            created_at: now,
            updated_at: now,
            elapsed_ms: 0,
            plan: JSON.stringify(plan),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return toRunRecord(row);
      }),
    readRun,
    findRun: (identity) =>
      guard(async () => {
        const row = await db
          .selectFrom('runs')
          .selectAll()
          .where('identity', '=', identity)
          .orderBy('position', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row && toRunRecord(row);
      }),
    listRuns: ({ kind, limit = 100 } = {}) =>
      guard(async () => {
        let query = db.selectFrom('runs').selectAll().orderBy('position', 'desc').limit(limit);
        if (kind !== undefined) query = query.where('kind', '=', kind);
        return (await query.execute()).map(toRunRecord);
      }),
    updateRun: (id, change) =>
      guard(async () => {
        const columns = toRunColumns(change, clock.now());
        const { numUpdatedRows } = await db
          .updateTable('runs')
          .set(columns)
          .where('id', '=', id)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw unknownRun(id);
      }),
    claimRun: (id) => guard(() => claims.claim(id)),

    writeOutcome: (runId, { candidate, example, trial, scorer, outcome }) =>
      append('outcomes', [runId, candidate, example, trial, scorer, outcome]),
    async *readOutcomes(runId, from = 0) {
      const page = (after: number, skip: number) =>
        guard(() =>
          db
            .selectFrom('outcomes')
            .select(['position', 'candidate', 'example', 'trial', 'scorer', 'outcome'])
            .where('run_id', '=', runId)
            .where('position', '>', after)
            .orderBy('position')
            .limit(pageRows)
            .offset(skip)
            .execute(),
        );
      let rows = await page(0, from);
      while (rows.length > 0) {
        for (const { candidate, example, trial, scorer, outcome } of rows) {
          yield { candidate, example, trial, scorer, outcome } satisfies OutcomeRecord;
        }
        if (rows.length < pageRows) return;
        rows = await page(rows.at(-1)?.position ?? 0, 0);
      }
    },
    countOutcomes: (runId) =>
      guard(async () => {
        const row = await db
          .selectFrom('outcomes')
          .select((select) => select.fn.countAll<number>().as('count'))
          .where('run_id', '=', runId)
          .executeTakeFirstOrThrow();
        return Number(row.count);
      }),

    writeEvent: (runId, index, event) => append('events', [runId, index, JSON.stringify(event)]),
    readEvents: (runId, from = 0) =>
      guard(async () => {
        const rows = await db
          .selectFrom('events')
          .select(['number', 'event'])
          .where('run_id', '=', runId)
          .where('number', '>=', from)
          .orderBy('number')
          .execute();
        return rows.map(({ number, event }) => ({ index: number, event: JSON.parse(event) as JsonObject }));
      }),

    writeCandidate: (hash, candidate) => append('candidates', [hash, JSON.stringify(candidate)]),
    readCandidate: (hash) =>
      guard(async () => {
        const row = await db
          .selectFrom('candidates')
          .select('parameters')
          .where('hash', '=', hash)
          .executeTakeFirst();
        return row && (JSON.parse(row.parameters) as JsonObject);
      }),

    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      await Promise.all([writes.drain(), lookups.drain()]);
      try {
        await claims.releaseAll();
      } finally {
        await options.close();
      }
    },
  };
}
