import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { makeFolder } from '../base/make-folder.ts';
import { parsePrompt } from './file-registry.ts';
import type { PromptRecord, PromptVersion, Registry } from './registry.ts';
import { noPrompt, noVersion } from './registry-errors.ts';

export interface PromptsOptions {
  readonly registry: Pick<Registry, 'read' | 'location'>;
  /** Age from which a prompt is read again, beside the answer that is given at once, in milliseconds. @default 60_000 */
  readonly staleMs?: number | undefined;
  /** Folder for the last prompts that were read well, for a start without the registry. @default none */
  readonly lastKnownGood?: string | undefined;
  /**
   * Prompts that come with the app, by name, for a first start without the registry: the content of their files, as
   * JSON is imported. @default none
   */
  readonly bundled?: Readonly<Record<string, unknown>> | undefined;
  /** Told when the registry could not be read and an older prompt was given. @default nobody */
  readonly onFault?: ((fault: unknown) => void) | undefined;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** Prompts at run time. */
export interface Prompts {
  /**
   * The version that a reference names: `triage@production`, `triage@3`. From memory where it is there, however old;
   * an old one is read again meanwhile. A registry that cannot be read never takes the app down while a version
   * was ever read, kept on disk or bundled.
   *
   * @throws {HoneError} `HONE_PROMPT_NOT_FOUND`; what the registry throws where nothing else is known.
   */
  resolve(reference: string): Promise<PromptVersion>;
}

interface Cached {
  readonly prompt: PromptRecord;
  readonly readAt: number;
}

export function createPrompts(options: PromptsOptions): Prompts {
  const {
    registry,
    staleMs = 60_000,
    bundled = {},
    onFault = () => undefined,
    clock = systemClock,
  } = options;
  const cache = new Map<string, Cached>();
  const reading = new Map<string, Promise<PromptRecord>>();

  const load = async (name: string): Promise<PromptRecord> => {
    const prompt = await registry.read(name);
    if (prompt === undefined) throw noPrompt(name, registry.location);
    cache.set(name, { prompt, readAt: clock.monotonic() });
    keep(options.lastKnownGood, prompt, onFault);
    return prompt;
  };
  const refresh = (name: string): Promise<PromptRecord> => {
    const running = reading.get(name);
    if (running !== undefined) return running;
    const work = load(name).finally(() => reading.delete(name));
    reading.set(name, work);
    return work;
  };
  const first = async (name: string): Promise<PromptRecord> => {
    try {
      return await refresh(name);
    } catch (fault) {
      const known = kept(options.lastKnownGood, name) ?? bundledPrompt(bundled, name);
      if (known === undefined) throw fault;
      onFault(fault);
      // Old from the start, so that the registry is asked again soon.
      cache.set(name, { prompt: known, readAt: clock.monotonic() - staleMs });
      return known;
    }
  };

  return {
    async resolve(reference) {
      const at = reference.indexOf('@');
      const name = at === -1 ? reference : reference.slice(0, at);
      const pointer = at === -1 ? 'production' : reference.slice(at + 1);
      const cached = cache.get(name);
      if (cached === undefined) return versionAt(await first(name), pointer);
      if (clock.monotonic() - cached.readAt >= staleMs && !reading.has(name)) {
        // Counted as read from now on: a registry that is down is asked once a period, not at each answer.
        cache.set(name, { prompt: cached.prompt, readAt: clock.monotonic() });
        refresh(name).catch(onFault);
      }
      return versionAt(cached.prompt, pointer);
    },
  };
}

/**
 * The version that a channel or a number names.
 *
 * @throws {HoneError} `HONE_PROMPT_NOT_FOUND`.
 */
export function versionAt(prompt: PromptRecord, pointer: string): PromptVersion {
  const number = /^\d+$/.test(pointer)
    ? Number(pointer)
    : Object.hasOwn(prompt.channels, pointer)
      ? prompt.channels[pointer]
      : undefined;
  const version = number === undefined ? undefined : prompt.versions[number - 1];
  if (version === undefined) throw noVersion(prompt.name, pointer);
  return version;
}

function keep(folder: string | undefined, prompt: PromptRecord, onFault: (fault: unknown) => void): void {
  if (folder === undefined) return;
  const path = `${folder}/${prompt.name}.json`;
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    makeFolder(dirname(path));
    writeFileSync(unfinished, JSON.stringify({ schemaVersion: 1, ...prompt }));
    renameSync(unfinished, path);
  } catch (fault) {
    onFault(fault);
  }
}

function kept(folder: string | undefined, name: string): PromptRecord | undefined {
  const path = `${folder}/${name}.json`;
  if (folder === undefined || !existsSync(path)) return undefined;
  try {
    return parsePrompt(readFileSync(path, 'utf8'), { path, name });
  } catch {
    // A file that is no prompt is as good as none: the bundled one is next.
    return undefined;
  }
}

/** @throws {HoneError} `HONE_FILE_UNREADABLE` when what is bundled is no prompt: a fault of the build, not of today. */
function bundledPrompt(bundled: Readonly<Record<string, unknown>>, name: string): PromptRecord | undefined {
  if (!Object.hasOwn(bundled, name)) return undefined;
  return parsePrompt(JSON.stringify(bundled[name]), { path: `The bundled prompt ${name}`, name });
}
