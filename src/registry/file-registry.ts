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
import { z } from 'zod';
import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError, messageOf } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { parameterSchema } from '../prompt/saved-candidate.ts';
import { contentHash } from './content-hash.ts';
import { takeLock } from './file-lock.ts';
import { emptyPrompt, withMove, withVersion } from './prompt-state.ts';
import type { PromptRecord, Registry } from './registry.ts';
import { checkPromptName, noPrompt } from './registry-errors.ts';

export interface FileRegistryOptions {
  /** `hone/prompts` of the project. */
  readonly folder: string;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

const json = z.json();
const jsonObject = z.record(z.string(), json);
const fileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  channels: z.record(z.string(), z.int().min(1)),
  versions: z.array(
    z.strictObject({
      version: z.int().min(1),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      candidate: z.record(z.string(), parameterSchema),
      settings: jsonObject.optional(),
      parents: z.array(z.int().min(1)),
      evidence: jsonObject.optional(),
      message: z.string(),
      author: z.string(),
      createdAt: z.number(),
    }),
  ),
  events: z.array(
    z.strictObject({
      number: z.int().min(1),
      channel: z.string(),
      from: z.int().optional(),
      to: z.int().min(1),
      actor: z.string(),
      reason: z.string(),
      evidence: jsonObject.optional(),
      at: z.number(),
    }),
  ),
});

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
        const text = `${JSON.stringify({ schemaVersion: 1, ...result.prompt }, null, 2)}\n`;
        writeDurably(pathOf(name), text, () => lock.check());
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
  };
}

/**
 * @throws {HoneError} `HONE_FILE_UNREADABLE` for what is no prompt, such as after a merge that went wrong: versions
 *   whose content is not what their hash says, numbers out of order, a channel or an event that points nowhere.
 */
export function parsePrompt(
  text: string,
  { path, name }: { readonly path: string; readonly name: string },
): PromptRecord {
  let parsed: ReturnType<typeof fileSchema.safeParse>;
  try {
    parsed = fileSchema.safeParse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(path, messageOf(cause));
  }
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(path, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
  }
  const { schemaVersion: _, ...prompt } = parsed.data;
  if (prompt.name !== name) throw unreadable(path, `it is of ${prompt.name}`);
  for (const [index, version] of prompt.versions.entries()) {
    if (version.version !== index + 1)
      throw unreadable(path, `version ${version.version} stands at place ${index + 1}`);
    if (contentHash(version) !== version.hash)
      throw unreadable(
        path,
        `version ${version.version} was changed: versions are immutable, publish a new one`,
      );
  }
  const pointers: Record<string, number> = {};
  for (const [index, { number, channel, from, to }] of prompt.events.entries()) {
    if (number !== index + 1 || pointers[channel] !== from || to > prompt.versions.length)
      throw unreadable(path, `event ${number} does not follow from those before it`);
    pointers[channel] = to;
  }
  const channels = Object.entries(prompt.channels);
  if (
    channels.length !== Object.keys(pointers).length ||
    channels.some(([channel, to]) => pointers[channel] !== to)
  )
    throw unreadable(path, 'its channels are not what its events say');
  return prompt;
}

function unreadable(path: string, what: string): HoneError {
  return new HoneError(`${path} is no prompt: ${what}.`, {
    code: 'HONE_FILE_UNREADABLE',
    hint: 'Take the file of one side of the merge, or of an earlier commit, and publish again.',
    facts: { file: path },
  });
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
