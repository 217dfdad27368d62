import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { fileRegistry, parsePrompt } from '../registry/file-registry.ts';
import type { ImportedPrompt, PromptRecord, Registry } from '../registry/registry.ts';
import { noPrompt } from '../registry/registry-errors.ts';

/** What came of one prompt that was moved from one home to another. */
export interface ExchangedPrompt extends ImportedPrompt {
  readonly name: string;
}

/** Writes prompts with all their versions and moves into a folder; of those that it has, what is new. */
export async function exportPrompts(
  registry: Registry,
  { folder, names }: { readonly folder: string; readonly names: readonly string[] },
): Promise<readonly ExchangedPrompt[]> {
  if (folder === registry.location) {
    throw new HoneError(`${folder} is where the prompts are.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name another folder: hone prompts export <folder>',
    });
  }
  const records: PromptRecord[] = [];
  for (const name of names.length > 0 ? names : await registry.names()) {
    const record = await registry.read(name);
    if (record === undefined) throw noPrompt(name, registry.location);
    records.push(record);
  }
  return takeOver(fileRegistry({ folder }), records);
}

/** Takes over the prompts of a folder, or of one file of it. */
export async function importPrompts(
  registry: Registry,
  { path, names }: { readonly path: string; readonly names: readonly string[] },
): Promise<readonly ExchangedPrompt[]> {
  if (!existsSync(path)) {
    throw new HoneError(`There is no file or folder ${path}.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Name the folder that `hone prompts export` has written, or a file in it.',
      facts: { file: path },
    });
  }
  if (!statSync(path).isDirectory()) {
    const name = basename(path, '.json');
    return takeOver(registry, [parsePrompt(readFileSync(path, 'utf8'), { path, name })]);
  }
  const source = fileRegistry({ folder: path });
  const found = names.length > 0 ? names : await source.names();
  if (found.length === 0) throw noPrompt('*', path);
  const records: PromptRecord[] = [];
  for (const name of found) {
    const record = await source.read(name);
    if (record === undefined) throw noPrompt(name, path);
    records.push(record);
  }
  return takeOver(registry, records);
}

/** All are read before the first is written, so an unreadable one changes nothing. */
async function takeOver(
  registry: Registry,
  records: readonly PromptRecord[],
): Promise<readonly ExchangedPrompt[]> {
  const done: ExchangedPrompt[] = [];
  for (const record of records) done.push({ name: record.name, ...(await registry.import(record)) });
  return done;
}

/** Whether files lie in the folder of the prompts although a database is their home: nobody reads those. */
export async function unreadFiles(registry: Registry, folder: string): Promise<string | undefined> {
  if (resolve(folder) === registry.location) return undefined;
  const names = await fileRegistry({ folder }).names();
  return names.length === 0
    ? undefined
    : `The prompts are in ${registry.location} (HONE_DATABASE_URL); the files in ${folder} are not read. To take them over: hone prompts import ${folder}`;
}
