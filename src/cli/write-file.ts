import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';

/**
 * Writes a file whole or not at all, with its folders.
 *
 * @throws {HoneError} `HONE_FOLDER_READ_ONLY` when it cannot be written.
 */
export function writeWholeFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw new HoneError(`${path} cannot be written: ${messageOf(cause)}`, {
      code: 'HONE_FOLDER_READ_ONLY',
      hint: 'Make the folder writable, or choose another place.',
      cause,
      facts: { file: path },
    });
  }
}

/** A path as it may be typed in a folder. */
export function pathFrom(folder: string, path: string): string {
  const short = relative(folder, path);
  return short === '' || short.startsWith('..') ? path : short;
}
