import type { Selectable } from 'kysely';
import { HoneError, messageOf } from '../base/errors.ts';
import { isAway } from './patience.ts';
import type { RunTable } from './schema.ts';

/** SQLite's primary result codes that have a cause a person can mend. */
const codes = { busy: 5, locked: 6, readOnly: 8, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 };

/**
 * Says what went wrong with the database and what to do about it. Both SQLite libraries are read: `rawCode` is
 * libsql's, `errcode` is Node's; libsql gives only a text when a file cannot be opened.
 */
export function toStoreError(thrown: unknown, location: string): HoneError {
  if (HoneError.isInstance(thrown)) return thrown;
  const facts = { file: location };
  const message = messageOf(thrown);
  if (isUnreachable(thrown)) {
    return new HoneError(`The database ${location} cannot be reached: ${message || codeOf(thrown)}.`, {
      code: 'HONE_STORE_UNREACHABLE',
      hint: 'Check the address, user and password in HONE_DATABASE_URL, and that the server runs and the database exists; everything acknowledged so far is kept.',
      cause: thrown,
      facts,
    });
  }
  switch (primaryCode(thrown, message)) {
    case codes.busy:
    case codes.locked:
      return new HoneError(`${location} is locked by another process.`, {
        code: 'HONE_STORE_LOCKED',
        hint: 'Wait for the other process to finish, or end it, and try again.',
        cause: thrown,
        facts,
      });
    case codes.corrupt:
    case codes.notADatabase:
      return new HoneError(`${location} is damaged or no database of Hone: ${message}.`, {
        code: 'HONE_STORE_CORRUPTED',
        hint: `Move it away to start with an empty store (stored answers and runs stay in the moved file): mv "${location}" "${location}.damaged"`,
        cause: thrown,
        facts,
      });
    case codes.readOnly:
    case codes.cannotOpen:
      return readOnlyError(location, thrown);
    case codes.full:
      return new HoneError(`There is no space left to write ${location}.`, {
        code: 'HONE_STORE_UNWRITABLE',
        hint: 'Free some disk space and try again; everything acknowledged so far is kept.',
        cause: thrown,
        facts,
      });
    default:
      return new HoneError(`The store ${location} failed: ${message}`, {
        code: 'HONE_STORE_UNWRITABLE',
        hint: 'Check the disk that holds it, then try again; everything acknowledged so far is kept.',
        cause: thrown,
        facts,
      });
  }
}

/** The store's folder or file cannot be written. */
export function readOnlyError(path: string, cause: unknown): HoneError {
  return new HoneError(`${path} cannot be written.`, {
    code: 'HONE_FOLDER_READ_ONLY',
    hint: 'Make the folder writable for your user, or choose another with HONE_DIR.',
    cause,
    facts: { file: path },
  });
}

/**
 * Why a folder of Hone's own cannot be had: a file stands where it or one above it should be, or it takes no files.
 *
 * @param path What the file system refused. @default what the error names
 */
export function folderError(
  folder: string,
  thrown: unknown,
  path = (thrown as NodeJS.ErrnoException).path ?? folder,
): HoneError {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code !== 'EEXIST' && code !== 'ENOTDIR') return readOnlyError(folder, thrown);
  return new HoneError(`The folder ${folder} cannot be made: ${path} is a file.`, {
    code: 'HONE_FILE_UNREADABLE',
    hint: 'Move that file away, or choose another folder with HONE_DIR.',
    cause: thrown,
    facts: { file: folder },
  });
}

/** What every use of a closed store gets. */
export function closedError(location: string): HoneError {
  return new HoneError(`The store ${location} is closed.`, {
    code: 'HONE_STORE_CLOSED',
    hint: 'Keep the store open until all work that uses it has ended.',
  });
}

/** The error for a run that a living process works on. */
export function lockedRun({ id, owner_host: host, owner_pid: pid }: Selectable<RunTable>): HoneError {
  return new HoneError(`Run ${id} is being worked on by process ${pid} on ${host}.`, {
    code: 'HONE_RUN_LOCKED',
    hint: `Wait for it to finish, or end process ${pid} on ${host}, then resume.`,
    facts: { runId: id, pid: pid ?? undefined, host: host ?? undefined },
  });
}

/** The error for what an owner writes whose run has another owner now, or none. */
export function lostRun(runId: string): HoneError {
  return new HoneError(`Run ${runId} does not belong to this process any more; nothing was written to it.`, {
    code: 'HONE_RUN_LOST',
    hint: 'Another process has taken the run over and goes on with it; look at it with `hone report`.',
    facts: { runId },
  });
}

/** The error for a run that the store does not have. */
export function unknownRun(runId: string): HoneError {
  return new HoneError(`There is no run ${runId} in this store.`, {
    code: 'HONE_RUN_NOT_FOUND',
    hint: 'Leave the id out for the newest run, and check the folder (HONE_DIR).',
    facts: { runId },
  });
}

function primaryCode(thrown: unknown, message: string): number | undefined {
  const { rawCode, errcode } = Object(thrown) as { readonly rawCode?: unknown; readonly errcode?: unknown };
  if (typeof rawCode === 'number') return rawCode & 0xff;
  if (typeof errcode === 'number') return errcode & 0xff;
  const opening = /Unable to open connection to local database .*: (\d+)/s.exec(message);
  return opening === null ? undefined : Number(opening[1]) & 0xff;
}

/**
 * Whether a server is not there, lets nobody in, or went away: system errors of the network, and the classes of
 * Postgres for connections (08), authorization (28), missing databases (3D) and shutdown (57P).
 */
function isUnreachable(thrown: unknown): boolean {
  const text = codeOf(thrown);
  return isAway(thrown) || /^(?:EHOST|ENET|ENOTFOUND|EAI_)/.test(text) || /^(?:28|3D|57P|53300)/.test(text);
}

function codeOf(thrown: unknown): string {
  const { code } = Object(thrown) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
