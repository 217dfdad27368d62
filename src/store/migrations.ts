import { type Kysely, sql } from 'kysely';
import { HoneError } from '../base/errors.ts';
import type { StoreTables } from './schema.ts';

type Migration = (db: Kysely<StoreTables>) => Promise<void>;

/** Each entry leads from the version before it to its own; entries are only ever added. */
const migrations: readonly Migration[] = [
  async (db) => {
    await db.schema
      .createTable('answers')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('model_id', 'text', (column) => column.notNull())
      .addColumn('answer', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('runs')
      .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
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
      .execute();
    await db.schema.createIndex('runs_identity').on('runs').columns(['identity', 'position']).execute();
    await db.schema
      .createTable('outcomes')
      .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('candidate', 'text', (column) => column.notNull())
      .addColumn('example', 'text', (column) => column.notNull())
      .addColumn('trial', 'integer', (column) => column.notNull())
      .addColumn('scorer', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addUniqueConstraint('outcomes_once', ['run_id', 'example', 'trial', 'candidate', 'scorer'])
      .execute();
    await db.schema.createIndex('outcomes_in_order').on('outcomes').columns(['run_id', 'position']).execute();
    await db.schema
      .createTable('events')
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('events_once', ['run_id', 'number'])
      .execute();
    await db.schema
      .createTable('candidates')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('parameters', 'text', (column) => column.notNull())
      .execute();
  },
];

/**
 * Brings the database to the newest version. Several processes may open it at once: the version is read again
 * under the write lock.
 *
 * @throws {HoneError} `HONE_STORE_NEWER` when a newer Hone wrote it.
 */
export async function migrate(db: Kysely<StoreTables>, location: string): Promise<void> {
  if ((await versionOf(db, location)) === migrations.length) return;
  await db.transaction().execute(async (transaction) => {
    const version = await versionOf(transaction, location);
    for (const migration of migrations.slice(version)) await migration(transaction);
    await sql`delete from hone_schema`.execute(transaction);
    await transaction.insertInto('hone_schema').values({ version: migrations.length }).execute();
  });
}

async function versionOf(db: Kysely<StoreTables>, location: string): Promise<number> {
  await db.schema
    .createTable('hone_schema')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();
  const row = await db.selectFrom('hone_schema').select('version').executeTakeFirst();
  const version = row?.version ?? 0;
  if (version > migrations.length) {
    throw new HoneError(
      `${location} was written by a newer Hone (store version ${version}, this one knows ${migrations.length}).`,
      { code: 'HONE_STORE_NEWER', hint: 'Update hone-ai, or use another folder for the store.' },
    );
  }
  return version;
}
