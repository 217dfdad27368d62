import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { checkPrompt, unreadablePrompt } from './check-prompt.ts';
import { takeLock } from './file-lock.ts';
import { emptyPrompt, withMove, withRecord, withVersion } from './prompt-state.ts';
import type { PromptRecord, Registry } from './registry.ts';
import { checkPromptName, noPrompt } from './registry-errors.ts';

export interface FileRegistryOptions {
  /** `hone/prompts` of the project. */
  readonly folder: string;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/**
 * Prompts as files of the repository, one for each name, so that a change is reviewed like code. A change is one
 * rename of a whole file, so a process that dies leaves the old one or the new one; a lock file beside it lets one
 * change at a time.
 */
export function fileRegistry({ folder, clock = systemClock }: FileRegistryOptions): Registry {
  const pathOf = (name: string) => join(folder, `${name}.json`);

  const read = (name: string): PromptRecord | undefined => {
    checkPromptName(name);
    const path = pathOf(name);
    return existsSync(path) ? parsePrompt(readFileSync(path, 'utf8'), { path, name }) : undefined;
  };

  async function change<Result>(
    name: string,
    work: (prompt: PromptRecord | undefined) => { readonly prompt: PromptRecord } & Result,
  ): Promise<Result> {
    checkPromptName(name);
    makeFolder(folder);
    const lock = await takeLock(`${pathOf(name)}.lock`, clock);
    try {
      const before = read(name);
      const result = work(before);
      if (result.prompt !== before) {
        writeDurably(pathOf(name), textOf(result.prompt), () => lock.check());
      }
      return result;
    } finally {
      lock.release();
    }
  }

  return {
    location: folder,
    names: async () =>
      existsSync(folder)
        ? readdirSync(folder)
            .filter((file) => /^[a-z0-9][a-z0-9_-]{0,63}\.json$/.test(file))
            .map((file) => file.slice(0, -'.json'.length))
            .sort()
        : [],
    read: async (name) => read(name),
    publish: async (name, version) =>
      (await change(name, (prompt = emptyPrompt(name)) => withVersion(prompt, version, clock.now()))).version,
    move: async (name, move) =>
      (
        await change(name, (prompt) => {
          if (prompt === undefined) throw noPrompt(name, folder);
          return withMove(prompt, move, clock.now());
        })
      ).event,
    import: async (record) => {
      const given = checkPrompt(record, { location: record.name, name: record.name });
      const { versions, moves } = await change(given.name, (prompt = emptyPrompt(given.name)) =>
        withRecord(prompt, given),
      );
      return { versions: versions.length, moves: moves.length };
    },
  };
}

/** @throws {HoneError} `HONE_FILE_UNREADABLE` for what is no prompt, such as after a merge that went wrong. */
export function parsePrompt(
  text: string,
  { path, name }: { readonly path: string; readonly name: string },
): PromptRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadablePrompt(path, messageOf(cause));
  }
  const { schemaVersion, ...prompt } = Object(value) as { readonly schemaVersion?: unknown };
  if (schemaVersion !== 1) throw unreadablePrompt(path, 'it has no schemaVersion 1');
  return checkPrompt(prompt, { location: path, name });
}

/** Always in the same order, so that a change shows what has changed. */
function textOf({ name, channels, versions, events }: PromptRecord): string {
  return `${JSON.stringify({ schemaVersion: 1, name, channels, versions, events }, null, 2)}\n`;
}

/** Whole and on disk, or not at all. */
function writeDurably(path: string, text: string, check: () => void): void {
  const unfinished = `${path}.${process.pid}.tmp`;
  const file = openSync(unfinished, 'w');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  check();
  renameSync(unfinished, path);
}
