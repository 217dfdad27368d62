import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import { folderError } from '../store/store-errors.ts';

export interface OutputCheck {
  /** The folder that relative paths start from. */
  readonly folder: string;
  /** Files that the command reads, as full paths: the prompt, the rows, the config and whatever else. */
  readonly inputs: readonly string[];
  /** The folder of the store, which says why it cannot be had as the store itself would. @default not checked */
  readonly home?: string | undefined;
  /** Folders that the command writes its own files to. @default none */
  readonly folders?: readonly string[] | undefined;
}

/**
 * Checks, before anything is called, that every file can be written in the end and that none of them is a file
 * that the command reads: by path, through links, by another spelling, or by the same content on disk.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for an output over an input or over another output;
 *   `HONE_FOLDER_READ_ONLY` for one that cannot be written; `HONE_FILE_UNREADABLE` for a file where `home` should be.
 */
export function checkOutputs(
  outputs: readonly string[],
  { folder, inputs, home, folders = [] }: OutputCheck,
): void {
  const taken: { readonly shown: string; readonly path: string }[] = [];
  for (const shown of outputs) {
    const path = writtenPath(resolve(folder, shown));
    const input = inputs.find((other) => isSameFile(path, other));
    if (input !== undefined) {
      throw new HoneError(`--output ${shown} would overwrite ${basename(input)}, which this command reads.`, {
        code: 'HONE_OPTION_INVALID',
        hint: 'Choose another name for the output.',
        facts: { file: path, input },
      });
    }
    const twin = taken.find((other) => isSameFile(path, other.path));
    if (twin !== undefined) {
      throw new HoneError(`--output ${shown} and --output ${twin.shown} are the same file.`, {
        code: 'HONE_OPTION_INVALID',
        hint: 'Name each output once.',
        facts: { file: path },
      });
    }
    taken.push({ shown, path });
    checkWritable(path, shown);
  }
  if (home !== undefined) checkFolder(home, (cause, place) => folderError(home, cause, place));
  for (const own of folders) checkFolder(own, (cause) => cannotBeWritten(own, cause, own));
}

/** Where a path really leads: through links, also through one whose target does not exist yet. */
export function writtenPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    const folder = parent === path ? path : writtenPath(parent);
    const here = join(folder, basename(path));
    return isLink(here) ? writtenPath(resolve(folder, readlinkSync(here))) : here;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/**
 * Whether two paths are one file, here or on a disk that does not tell capitals or composed letters apart: a
 * folder that is copied there must not lose its rows.
 */
function isSameFile(first: string, second: string): boolean {
  const other = writtenPath(second);
  const plain = (path: string) => path.normalize('NFC').toLowerCase();
  if (plain(first) === plain(other)) return true;
  if (!existsSync(first) || !existsSync(other)) return false;
  const [one, two] = [statSync(first), statSync(other)];
  return one.ino !== 0 && one.ino === two.ino && one.dev === two.dev;
}

function checkWritable(path: string, shown: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isFile()) throw cannotBeWritten(shown, new Error('it is no file'), path);
    try {
      accessSync(path, constants.W_OK);
    } catch (cause) {
      throw cannotBeWritten(shown, cause, path);
    }
  }
  const folder = dirname(path);
  checkFolder(folder, (cause) => cannotBeWritten(shown, cause, folder));
}

/** A file comes and goes in the folder, or in the nearest one above it that is there. */
function checkFolder(folder: string, errorOf: (cause: unknown, place: string) => HoneError): void {
  let place = folder;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    rmSync(mkdtempSync(join(place, '.hone-check-')), { recursive: true });
  } catch (cause) {
    throw errorOf(cause, place);
  }
}

function cannotBeWritten(shown: string, cause: unknown, file: string): HoneError {
  return new HoneError(`${shown} cannot be written: ${messageOf(cause)}.`, {
    code: 'HONE_FOLDER_READ_ONLY',
    hint: 'Make the folder writable, or choose another place. Nothing was called yet.',
    cause,
    facts: { file },
  });
}
