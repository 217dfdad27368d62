import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Json } from '../base/json.ts';

/** What was in the files that a run read: the hash of each by its path from the run's folder. */
export type InputHashes = Readonly<Record<string, string>>;

/** The hashes of files as they are now, for the record of a run. */
export async function hashInputs(files: readonly string[], folder: string): Promise<InputHashes> {
  const hashes: Record<string, string> = {};
  for (const file of new Set(files)) {
    if (existsSync(file)) hashes[relative(folder, file)] = await hashFile(file);
  }
  return hashes;
}

/** The files whose content is not what the record says, by their paths; a file that is gone is one of them. */
export async function changedInputs(recorded: Json | undefined, folder: string): Promise<readonly string[]> {
  if (typeof recorded !== 'object' || recorded === null || Array.isArray(recorded)) return [];
  const changed: string[] = [];
  for (const [name, hash] of Object.entries(recorded)) {
    const file = resolve(folder, name);
    if (!existsSync(file) || (await hashFile(file)) !== hash) changed.push(name);
  }
  return changed;
}

/** In parts, because rows may be larger than memory. */
async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Uint8Array);
  return hash.digest('hex');
}
