import { statSync } from 'node:fs';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import type { StoreTables } from './schema.ts';
import { loadSqlite, type SqliteConnection } from './sqlite-library.ts';
import type { Steps, StoreDatabase } from './transaction.ts';

/** Beyond this size of the log, a checkpoint is due. */
const checkpointBytes = 8 * 1024 * 1024;
const cachedStatements = 64;

/**
 * Opens a SQLite file (or `:memory:`) with the settings that hold under several processes.
 *
 * SQLite 3.7.0–3.51.2 can corrupt a database when an automatic checkpoint races a commit of another
 * connection, so those are off on every library, and an explicit one holds the write lock.
 *
 * @see https://sqlite.org/wal.html#the_wal_reset_bug
 */
export async function openSqlite(
  file: string,
  { busyTimeoutMs = 10_000 }: { readonly busyTimeoutMs?: number | undefined } = {},
): Promise<StoreDatabase> {
  const library = await loadSqlite();
  const connection = library.open(file);
  const isFile = file !== ':memory:';
  const pragma = (text: string) => connection.prepare(`PRAGMA ${text}`).all([]);
  try {
    for (const setting of [
      `busy_timeout=${busyTimeoutMs}`,
      'journal_mode=WAL',
      'synchronous=NORMAL',
      'foreign_keys=on',
      'wal_autocheckpoint=0',
      'cache_size=-16000',
    ]) {
      pragma(setting);
    }
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
  const database = cacheStatements(connection);
  const db = new Kysely<StoreTables>({ dialect: new SqliteDialect({ database }) });
  let nextCheckpoint = checkpointBytes;
  const checkpoint = () => {
    if (!isFile) return;
    const bytes = fileSize(`${file}-wal`);
    if (bytes < nextCheckpoint) return;
    pragma('wal_checkpoint(TRUNCATE)');
    // A reader in another process can keep the log from shrinking; then the next attempt waits for more.
    nextCheckpoint = fileSize(`${file}-wal`) + checkpointBytes;
  };
  const close = () => {
    if (isFile) {
      // Leaves one whole file behind where no other process is at work on it. Where this fails nothing is
      // lost: the log stays and is read at the next opening.
      try {
        pragma('busy_timeout=0');
        pragma('wal_checkpoint(TRUNCATE)');
      } catch {}
    }
    return db.destroy();
  };
  return {
    db,
    // On disk, the log included; in memory, the bytes of the pages.
    size: () => (isFile ? fileSize(file) + fileSize(`${file}-wal`) : pageBytes(connection)),
    async transact(work) {
      const result = runTransaction(database, work());
      checkpoint();
      return result;
    },
    close,
  };
}

/**
 * One transaction, from its start to its end without a turn of the event loop: nothing else in this process can
 * come between, and another connection of this process never waits for a lock that only this one can release.
 */
function runTransaction<Result>(database: SqliteDatabase, steps: Steps<Result>): Result {
  const run = (sql: string, parameters: readonly unknown[] = []): readonly unknown[] => {
    const statement = database.prepare(sql);
    if (statement.reader) return statement.all(parameters);
    statement.run(parameters);
    return [];
  };
  run('begin immediate');
  try {
    let step = steps.next([]);
    while (!step.done) step = steps.next(run(step.value.sql, step.value.parameters));
    run('commit');
    return step.value;
  } catch (thrown) {
    try {
      run('rollback');
    } catch {
      // A full disk and the like have ended the transaction already; what matters is why.
    }
    throw thrown;
  }
}

/** Kysely prepares a statement for every execution; this keeps the ones used last. */
function cacheStatements(connection: SqliteConnection): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => {
      statements.clear();
      connection.close();
    },
    prepare: (sql) => {
      const cached = statements.get(sql);
      if (cached !== undefined) {
        statements.delete(sql);
        statements.set(sql, cached);
        return cached;
      }
      const statement = connection.prepare(sql);
      statements.set(sql, statement);
      if (statements.size > cachedStatements) {
        for (const oldest of statements.keys()) {
          statements.delete(oldest);
          break;
        }
      }
      return statement;
    },
  };
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function pageBytes(connection: SqliteConnection): number {
  const read = (name: string): number => {
    const [row] = connection.prepare(`PRAGMA ${name}`).all([]) as readonly Record<string, number>[];
    return row?.[name] ?? 0;
  };
  return read('page_count') * read('page_size');
}
