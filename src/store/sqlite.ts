import { statSync } from 'node:fs';
import {
  CompiledQuery,
  type Driver,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely';
import type { StoreTables } from './schema.ts';
import { loadSqlite, type SqliteConnection } from './sqlite-library.ts';

/** An open SQLite database: Kysely for the queries, and what only SQLite needs. */
export interface SqliteStoreDatabase {
  readonly db: Kysely<StoreTables>;
  /** Bytes on disk, the log included; of a database in memory, the bytes of its pages. */
  size(): number;
  /** Moves the log into the database when it has grown; called between transactions. */
  checkpoint(): void;
  close(): Promise<void>;
}

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
export async function openSqlite(file: string): Promise<SqliteStoreDatabase> {
  const library = await loadSqlite();
  const connection = library.open(file);
  const isFile = file !== ':memory:';
  const pragma = (text: string) => connection.prepare(`PRAGMA ${text}`).all([]);
  try {
    for (const setting of [
      'busy_timeout=10000',
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
  const db = new Kysely<StoreTables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => immediateDriver(cacheStatements(connection)),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  let nextCheckpoint = checkpointBytes;
  const checkpoint = () => {
    if (!isFile) return;
    const bytes = fileSize(`${file}-wal`);
    if (bytes < nextCheckpoint) return;
    pragma('wal_checkpoint(TRUNCATE)');
    // A reader in another process can keep the log from shrinking; then the next attempt waits for more.
    nextCheckpoint = fileSize(`${file}-wal`) + checkpointBytes;
  };
  return {
    db,
    size: () => (isFile ? fileSize(file) + fileSize(`${file}-wal`) : pageBytes(connection)),
    checkpoint,
    close: () => db.destroy(),
  };
}

/** Transactions take the write lock at their start: all of ours write, and upgrading a read lock can fail. */
function immediateDriver(database: SqliteDatabase): Driver {
  const driver = new SqliteDriver({ database });
  return {
    init: () => driver.init(),
    acquireConnection: () => driver.acquireConnection(),
    beginTransaction: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    },
    commitTransaction: (connection) => driver.commitTransaction(connection),
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection),
    releaseConnection: () => driver.releaseConnection(),
    destroy: () => driver.destroy(),
  };
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
