import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it where they are absent. Node's own `recursive` never returns where a file
 * system answers "no such file" for a name that cannot be made in a folder that exists, as under `/proc`.
 *
 * @throws the error of the file system for the first folder that cannot be made.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (thrown) {
    // Another process may have been faster.
    if (!isFolder(folder)) throw thrown;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
