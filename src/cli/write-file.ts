import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';

/**
 * Writes a file whole or not at all, with its folders.
 *
 * @throws {HoneError} `HONE_FOLDER_READ_ONLY` when it cannot be written.
 */
export function writeWholeFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    makeFolder(dirname(path));
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (cause) {
    removeIfThere(unfinished);
    throw cannotBeWritten(path, cause);
  }
}

/** The error of a file that the disk or the folder does not take. */
export function cannotBeWritten(path: string, cause: unknown): HoneError {
  return new HoneError(`${path} cannot be written: ${messageOf(cause)}.`, {
    code: 'HONE_FOLDER_READ_ONLY',
    hint: 'Make room and the folder writable, or choose another place.',
    cause,
    facts: { file: path },
  });
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where its folder is none, there is nothing to remove.
  }
}

/** A path as it may be typed in a folder. */
export function pathFrom(folder: string, path: string): string {
  const short = relative(folder, path);
  return short === '' || short.startsWith('..') ? path : short;
}
