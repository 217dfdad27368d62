import { existsSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import type { FileLine, FileList } from './file-views.ts';

const dataFiles = new Set(['.csv', '.tsv', '.json', '.jsonl', '.ndjson', '.yaml', '.yml']);
const promptFiles = new Set(['.md', '.prompt', '.txt']);
const skipped = new Set(['node_modules', 'dist', 'coverage', 'hone']);
/** Names that hold no rows and no prompt. */
const noPrompts = /^(readme|changelog|license|contributing|agents|claude)\b/iu;
const noData = /^(package(-lock)?|tsconfig.*|biome|composer|deno)\.jsonc?$/iu;
const deepest = 3;
const mostFiles = 200;

/** Tables and prompts of the folder and of three levels below it. */
export function listFiles(folder: string): FileList {
  const datasets: FileLine[] = [];
  const prompts: FileLine[] = [];
  let isCut = false;
  const walk = (at: string, depth: number) => {
    for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || skipped.has(entry.name)) continue;
      const path = join(at, entry.name);
      if (entry.isDirectory() && depth < deepest) walk(path, depth + 1);
      if (!entry.isFile()) continue;
      const extension = extname(entry.name).toLowerCase();
      const into =
        dataFiles.has(extension) && !noData.test(entry.name)
          ? datasets
          : promptFiles.has(extension) && !noPrompts.test(entry.name)
            ? prompts
            : undefined;
      if (into === undefined) continue;
      if (into.length >= mostFiles) {
        isCut = true;
        continue;
      }
      const { size, mtimeMs } = statSync(path);
      into.push({
        path: relative(folder, path).split(sep).join('/'),
        bytes: size,
        modifiedAt: Math.round(mtimeMs),
      });
    }
  };
  walk(folder, 0);
  return { datasets, prompts, isCut };
}

/**
 * The place of a path within the folder, links followed.
 *
 * @throws {HoneError} `HONE_FILE_NOT_FOUND` for one that is not there, or lies outside.
 */
export function placeWithin(folder: string, path: string): string {
  const place = resolve(folder, path);
  const isInside = (inner: string, outer: string) => {
    const way = relative(outer, inner);
    return way !== '' && !way.startsWith('..') && !isAbsolute(way);
  };
  if (
    !isInside(place, folder) ||
    !existsSync(place) ||
    !isInside(realpathSync(place), realpathSync(folder))
  ) {
    throw new HoneError(`There is no file ${path} in this folder.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Choose one of the list, or import the table.',
    });
  }
  return place;
}

/**
 * The place of a file that the list shows, and of no other: what else lies in the folder, such as `.env`, is nobody's
 * business here.
 *
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`.
 */
export function listedPlace(folder: string, path: string, kind: 'datasets' | 'prompts'): string {
  const place = placeWithin(folder, path);
  const way = relative(folder, place).split(sep).join('/');
  if (listFiles(folder)[kind].some((file) => file.path === way)) return place;
  throw new HoneError(`${path} is none of the ${kind === 'prompts' ? 'prompts' : 'tables'} of this folder.`, {
    code: 'HONE_FILE_NOT_FOUND',
    hint: 'Choose one of the list.',
  });
}

/**
 * Writes a new file below the folder.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for one that is there already: nothing is overwritten.
 */
export function writeNewFile(folder: string, path: string, text: string): void {
  const place = resolve(folder, path);
  if (existsSync(place)) {
    throw new HoneError(`${path} is there already.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give it another name; nothing is overwritten.',
    });
  }
  makeFolder(resolve(place, '..'));
  writeFileSync(place, text, { flag: 'wx' });
}
