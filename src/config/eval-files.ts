import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import { atPlace } from './at-place.ts';
import type { HoneConfig } from './define-config.ts';
import { type EvalSuite, isEvalSuite } from './eval-suite.ts';
import { importUserExports } from './import-user-module.ts';

const pattern = /\.eval\.(?:[cm]?[jt]s|[jt]sx)$/;
/** Folders in which nobody writes suites. */
const skipped = new Set(['node_modules', 'dist', 'build', 'coverage']);
const mostFiles = 1_000;

/** Whether a file holds suites, by its name. */
export function isEvalFile(path: string): boolean {
  return pattern.test(basename(path));
}

/** The files with suites under a folder, in the order of their paths; hidden folders and packages are left out. */
export function findEvalFiles(folder: string): readonly string[] {
  const found: string[] = [];
  const visit = (place: string) => {
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      if (found.length >= mostFiles) return;
      const path = join(place, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name) && !entry.name.startsWith('.')) visit(path);
      } else if (isEvalFile(path)) found.push(path);
    }
  };
  if (existsSync(folder)) visit(folder);
  return found.sort();
}

/**
 * The suites that a file exports, in the order of their names.
 *
 * @throws {HoneError} `HONE_CONFIG_INVALID` for a file that cannot be run, exports no suite, or two of one name.
 */
export async function loadEvalFile(path: string, folder: string): Promise<readonly EvalSuite[]> {
  const shown = relative(folder, path) || path;
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importUserExports(path);
  } catch (cause) {
    if (HoneError.isInstance(cause)) throw atPlaceOf(shown, cause);
    throw new HoneError(`${shown} cannot be run: ${messageOf(cause).replace(/\s+/g, ' ').trim()}`, {
      code: 'HONE_CONFIG_INVALID',
      hint: 'Correct the file; --verbose shows where it fails.',
      cause,
      facts: { file: path },
    });
  }
  const suites = [
    ...new Set(Object.values(exported).flatMap((value) => (Array.isArray(value) ? value : [value]))),
  ].filter(isEvalSuite);
  const names = suites.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (suites.length > 0 && repeated === undefined) return suites;
  throw new HoneError(
    repeated === undefined ? `${shown} exports no suite.` : `${shown} has two suites called "${repeated}".`,
    {
      code: 'HONE_CONFIG_INVALID',
      hint:
        repeated === undefined
          ? "Write: export default evalSuite('name', { data, program, scorers })"
          : 'Give each a name of its own.',
      facts: { file: path },
    },
  );
}

/** The suites of a file as targets, beside what the config says for all. */
export async function configOfEvalFile(path: string, shared: HoneConfig | undefined): Promise<HoneConfig> {
  const suites = await loadEvalFile(path, dirname(path));
  return { ...shared, targets: Object.fromEntries(suites.map(({ name, target }) => [name, target])) };
}

function atPlaceOf(place: string, thrown: HoneError): unknown {
  try {
    return atPlace(place, () => {
      throw thrown;
    });
  } catch (placed) {
    return placed;
  }
}
