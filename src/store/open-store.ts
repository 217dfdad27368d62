import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { makeFolder } from '../base/make-folder.ts';
import { migrate } from './migrations.ts';
import { type ProcessTable, systemProcesses } from './process-table.ts';
import { createSqlStore } from './sql-store.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';
import { folderError, toStoreError } from './store-errors.ts';

export interface OpenStoreOptions {
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
 * `HONE_STORE_NEWER` when a newer Hone wrote it.
 */
export async function openStore(options: OpenStoreOptions = {}): Promise<Store> {
  const file = options.file ?? join(options.folder ?? '.hone', 'hone.db');
  makeStoreFolder(dirname(file));
  return open(file, options);
}

/** A store that lives as long as this process has it open, for tests and for trying things out. */
export function openMemoryStore(options: Pick<OpenStoreOptions, 'clock' | 'processes'> = {}): Promise<Store> {
  return open(':memory:', options);
}

async function open(
  file: string,
  { clock = systemClock, processes = systemProcesses, busyTimeoutMs }: OpenStoreOptions,
): Promise<Store> {
  try {
    const database = await openSqlite(file, { busyTimeoutMs });
    try {
      await migrate(database, file);
    } catch (thrown) {
      await database.close();
      throw thrown;
    }
    return createSqlStore({ ...database, location: file, clock, processes });
  } catch (thrown) {
    throw toStoreError(thrown, file);
  }
}

function makeStoreFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (thrown) {
    throw folderError(folder, thrown);
  }
}
