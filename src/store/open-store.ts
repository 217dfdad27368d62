import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { makeFolder } from '../base/make-folder.ts';
import { migrate } from './migrations.ts';
import { openPostgres } from './postgres.ts';
import { type ProcessTable, systemProcesses } from './process-table.ts';
import { createSqlStore } from './sql-store.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';
import { folderError, toStoreError } from './store-errors.ts';
import type { StoreDatabase } from './transaction.ts';

export interface OpenStoreOptions {
  /**
   * Address of a Postgres database, `postgres://user:password@host:port/database`, in place of a file; needs the
   * package `pg`. @default none
   */
  readonly address?: string | undefined;
  /** The database file itself. Left out: `hone.db` in `folder`. */
  readonly file?: string | undefined;
  /** The folder of the database, made when absent. @default '.hone' */
  readonly folder?: string | undefined;
  /** How long a lock of another process is waited for, in milliseconds. @default 10_000 */
  readonly busyTimeoutMs?: number | undefined;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
  /** Who this process is and who else lives. @default the system's processes */
  readonly processes?: ProcessTable | undefined;
}

/**
 * Opens the database of a project, and makes it when it is absent. Any number of processes may have it open.
 *
 * @throws {HoneError} `HONE_FOLDER_READ_ONLY`, `HONE_STORE_CORRUPTED` when the file is damaged or something else
 * (it is never deleted), `HONE_STORE_LOCKED` when another process holds it for more than ten seconds,
 * `HONE_STORE_NEWER` when a newer Hone wrote it, `HONE_STORE_UNREACHABLE` for a server that is not there or lets nobody
 * in, `HONE_MISSING_DEPENDENCY` for Postgres without `pg`.
 */
export async function openStore(options: OpenStoreOptions = {}): Promise<Store> {
  if (options.address !== undefined) {
    const { address } = options;
    return open(withoutPassword(address), () => openPostgres(address), options);
  }
  const file = options.file ?? join(options.folder ?? '.hone', 'hone.db');
  makeStoreFolder(dirname(file));
  return open(file, () => openSqlite(file, options), options);
}

/** A store that lives as long as this process has it open, for tests and for trying things out. */
export function openMemoryStore(options: Pick<OpenStoreOptions, 'clock' | 'processes'> = {}): Promise<Store> {
  return open(':memory:', () => openSqlite(':memory:'), options);
}

async function open(
  location: string,
  connect: () => Promise<StoreDatabase>,
  { clock = systemClock, processes = systemProcesses }: OpenStoreOptions,
): Promise<Store> {
  try {
    const database = await connect();
    try {
      await migrate(database, location);
    } catch (thrown) {
      await database.close();
      throw thrown;
    }
    return createSqlStore({ ...database, location, clock, processes });
  } catch (thrown) {
    throw toStoreError(thrown, location);
  }
}

function makeStoreFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (thrown) {
    throw folderError(folder, thrown);
  }
}

/** For people: an address without user and password. */
export function withoutPassword(address: string): string {
  try {
    const { protocol, hostname, port, pathname } = new URL(address);
    return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
  } catch {
    return 'postgres';
  }
}
