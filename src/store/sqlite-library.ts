import type { SqliteStatement } from 'kysely';
import { HoneError } from '../base/errors.ts';

/** The part of a SQLite connection that both libraries share. All of it is synchronous. */
export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** A SQLite build that runs in this process. */
export interface SqliteLibrary {
  readonly name: 'node:sqlite' | 'libsql';
  open(file: string): SqliteConnection;
}

/** What `node:sqlite` offers, as far as it is used: the types of the oldest supported Node lack it. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => { prepare(sql: string): NodeStatement; close(): void };
}
interface NodeStatement {
  columns(): readonly unknown[];
  all(...parameters: readonly unknown[]): unknown[];
  run(...parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(...parameters: readonly unknown[]): IterableIterator<unknown>;
}

/**
 * Chooses the SQLite of this process: Node's own where it is new enough to be free of the WAL-reset bug
 * (Node ≥ 22.13 with SQLite ≥ 3.51.3), else libsql. One choice for all stores, because two builds on one file
 * in one process break its locks.
 */
export async function loadSqlite(): Promise<SqliteLibrary> {
  const builtIn = isAtLeast(process.versions.node, [22, 13, 0])
    ? (process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined)
    : undefined;
  if (builtIn !== undefined && isAtLeast(process.versions.sqlite ?? '0', [3, 51, 3])) {
    return { name: 'node:sqlite', open: (file) => openBuiltIn(builtIn, file) };
  }
  const { default: Database } = await importLibsql();
  return { name: 'libsql', open: (file) => new Database(file) as SqliteConnection };
}

async function importLibsql() {
  try {
    return await import('libsql');
  } catch (cause) {
    throw new HoneError('The SQLite library "libsql" has no build for this platform here.', {
      code: 'HONE_MISSING_DEPENDENCY',
      hint: 'Run `npm install` without --omit=optional, or use Node 24 or later, which brings its own SQLite.',
      cause,
    });
  }
}

function openBuiltIn({ DatabaseSync }: NodeSqlite, file: string): SqliteConnection {
  const database = new DatabaseSync(file);
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters),
        run: (parameters) => statement.run(...parameters),
        iterate: (parameters) => statement.iterate(...parameters),
      };
    },
  };
}

/** Whether a version such as `22.13.1` is the given one or a later one. */
export function isAtLeast(version: string, least: readonly [number, number, number]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, minimum] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== minimum) return part > minimum;
  }
  return true;
}
