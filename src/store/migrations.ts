import { type ColumnDefinitionBuilder, type CompiledQuery, type Kysely, PostgresAdapter, sql } from 'kysely';
import { HoneError } from '../base/errors.ts';
import type { StoreTables } from './schema.ts';
import type { StoreDatabase } from './transaction.ts';

type Migration = (db: Kysely<StoreTables>) => readonly CompiledQuery[];

/** Rows numbered in the order of writing: the type of the number, and how it is made. */
const orderType = (db: Kysely<StoreTables>) => (isPostgres(db) ? 'bigint' : 'integer');
const inOrder = (db: Kysely<StoreTables>) => (column: ColumnDefinitionBuilder) =>
  isPostgres(db) ? column.primaryKey().generatedByDefaultAsIdentity() : column.primaryKey().autoIncrement();

function isPostgres(db: Kysely<StoreTables>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** Each entry leads from the version before it to its own; entries are only ever added. */
const migrations: readonly Migration[] = [
  (db) => [
    db.schema
      .createTable('answers')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('model_id', 'text', (column) => column.notNull())
      .addColumn('answer', 'text', (column) => column.notNull())
      .compile(),
    db.schema
      .createTable('runs')
      .addColumn('position', orderType(db), inOrder(db))
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('identity', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('elapsed_ms', 'bigint', (column) => column.notNull())
      .addColumn('plan', 'text', (column) => column.notNull())
      .addColumn('result', 'text')
      .addColumn('stop_limit', 'text')
      .addColumn('owner', 'text')
      .addColumn('owner_host', 'text')
      .addColumn('owner_pid', 'integer')
      .addColumn('owner_started', 'text')
      .addColumn('heartbeat_at', 'bigint')
      .compile(),
    db.schema.createIndex('runs_identity').on('runs').columns(['identity', 'position']).compile(),
    db.schema
      .createTable('outcomes')
      .addColumn('position', orderType(db), inOrder(db))
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('candidate', 'text', (column) => column.notNull())
      .addColumn('example', 'text', (column) => column.notNull())
      .addColumn('trial', 'integer', (column) => column.notNull())
      .addColumn('scorer', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addUniqueConstraint('outcomes_once', ['run_id', 'example', 'trial', 'candidate', 'scorer'])
      .compile(),
    db.schema.createIndex('outcomes_in_order').on('outcomes').columns(['run_id', 'position']).compile(),
    db.schema
      .createTable('events')
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('events_once', ['run_id', 'number'])
      .compile(),
    db.schema
      .createTable('candidates')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('parameters', 'text', (column) => column.notNull())
      .compile(),
  ],
  (db) => [
    db.schema.alterTable('runs').addColumn('owner_space', 'text').compile(),
    db.schema
      .createTable('outcomes_by_effect')
      .addColumn('position', orderType(db), inOrder(db))
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('effect', 'text', (column) => column.notNull().defaultTo('row'))
      .addColumn('candidate', 'text', (column) => column.notNull())
      .addColumn('example', 'text', (column) => column.notNull())
      .addColumn('trial', 'integer', (column) => column.notNull())
      .addColumn('scorer', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addUniqueConstraint('outcome_once', ['run_id', 'example', 'trial', 'candidate', 'scorer', 'effect'])
      .compile(),
    sql`insert into outcomes_by_effect (position, run_id, candidate, example, trial, scorer, outcome)
      select position, run_id, candidate, example, trial, scorer, outcome from outcomes order by position`.compile(
      db,
    ),
    db.schema.dropTable('outcomes').compile(),
    db.schema.alterTable('outcomes_by_effect').renameTo('outcomes').compile(),
    db.schema.createIndex('outcomes_in_order').on('outcomes').columns(['run_id', 'position']).compile(),
    // Of events that were stored without their time, the last change of their run is what is known.
    db.schema
      .alterTable('events')
      .addColumn('stored_at', 'bigint', (column) => column.notNull().defaultTo(0))
      .compile(),
    sql`update events set stored_at =
      coalesce((select updated_at from runs where runs.id = events.run_id), 0)`.compile(db),
    db.schema
      .createTable('sealed_tests')
      .addColumn('test', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('row_count', 'integer', (column) => column.notNull())
      .addColumn('used_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('sealed_tests_in_order', ['test', 'number'])
      .addUniqueConstraint('sealed_tests_once', ['test', 'run_id'])
      .compile(),
  ],
  (db) => [db.schema.alterTable('runs').addColumn('snapshot', 'text').compile()],
  ({ schema }) => [
    schema
      .createTable('prompt_versions')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('prompt_versions_in_order', ['name', 'number'])
      .addUniqueConstraint('prompt_versions_once', ['name', 'hash'])
      .compile(),
    schema
      .createTable('prompt_moves')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('prompt_moves_in_order', ['name', 'number'])
      .compile(),
  ],
];

/**
 * Brings the database to the newest version. Several processes may open it at once: each version is recorded in
 * the transaction that makes it, so a second one that comes as late fails as a whole and finds it done.
 *
 * @throws {HoneError} `HONE_STORE_NEWER` when a newer Hone wrote it.
 */
export async function migrate(
  { db, transact }: Pick<StoreDatabase, 'db' | 'transact'>,
  location: string,
): Promise<void> {
  try {
    await db.schema
      .createTable('hone_schema')
      .ifNotExists()
      .addColumn('version', 'integer', (column) => column.primaryKey())
      .execute();
  } catch (thrown) {
    // Of two that make it at once, Postgres tells the second that it exists: then it can be read.
    await versionOf(db, location).catch(() => {
      throw thrown;
    });
  }
  for (;;) {
    const version = await versionOf(db, location);
    const migration = migrations[version];
    if (migration === undefined) return;
    const record = db
      .insertInto('hone_schema')
      .values({ version: version + 1 })
      .compile();
    try {
      await transact(function* () {
        yield record;
        yield* migration(db);
      });
    } catch (thrown) {
      if ((await versionOf(db, location)) === version) throw thrown;
    }
  }
}

async function versionOf(db: Kysely<StoreTables>, location: string): Promise<number> {
  const row = await db
    .selectFrom('hone_schema')
    .select('version')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  const version = row?.version ?? 0;
  if (version > migrations.length) {
    throw new HoneError(
      `${location} was written by a newer Hone (store version ${version}, this one knows ${migrations.length}).`,
      { code: 'HONE_STORE_NEWER', hint: 'Update hone-ai, or use another folder for the store.' },
    );
  }
  return version;
}
