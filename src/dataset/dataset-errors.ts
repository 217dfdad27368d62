import { closestMatch } from '../base/closest-match.ts';
import { HoneError } from '../base/errors.ts';

/** Where in a file something is wrong; lines and columns from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

export function invalidDataset(
  place: Place,
  { problem, hint, cause }: { readonly problem: string; readonly hint: string; readonly cause?: unknown },
): HoneError {
  const at = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  return new HoneError(`${at}: ${problem}`, {
    code: 'HONE_DATASET_INVALID',
    hint,
    cause,
    facts: { file: place.file, line: place.line, column: place.column },
  });
}

export function missingColumn(column: string, columns: readonly string[], file: string): HoneError {
  const closest = closestMatch(column, columns);
  return new HoneError(`${file} has no column "${column}". Its columns: ${columns.join(', ')}.`, {
    code: 'HONE_FIELD_MISSING',
    hint:
      closest === undefined
        ? 'Name one of these columns, or rename one with the option `columns`.'
        : `Did you mean "${closest}"?`,
    facts: { file, column, columns },
  });
}

export function emptyDataset(name: string): HoneError {
  return new HoneError(`${name} has no rows.`, {
    code: 'HONE_DATASET_EMPTY',
    hint: 'Add rows, or name another file.',
    facts: { file: name },
  });
}

/** What the file system said → what to do about it. */
export function unreadableFile(file: string, thrown: unknown): HoneError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new HoneError(`There is no file ${file}.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Check the path; it is read from the folder that you are in.',
      cause: thrown,
      facts: { file },
    });
  }
  const reason =
    code === 'EISDIR'
      ? 'it is a folder'
      : code === 'EACCES'
        ? 'permission is denied'
        : (message ?? 'unknown');
  return new HoneError(`${file} cannot be read: ${reason}.`, {
    code: 'HONE_FILE_UNREADABLE',
    hint: 'Name a .csv, .tsv, .jsonl, .ndjson, .json, .yaml or .yml file that you may read.',
    cause: thrown,
    facts: { file },
  });
}
