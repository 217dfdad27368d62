import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';

/** A lock of another machine that is older was left by a process that died: a change takes milliseconds. */
const staleLockMs = 30_000;
const lockPollMs = 10;
const longestWaitMs = 60_000;

/** One change at a time, among processes. */
export interface FileLock {
  /** @throws {HoneError} `HONE_PROMPT_MOVED` when another process has taken the lock over. */
  check(): void;
  release(): void;
}

/**
 * Waits its turn. The lock of a process of this machine that is gone is taken over at once, that of another machine
 * after half a minute.
 *
 * @throws {HoneError} `HONE_PROMPT_MOVED` after a minute of waiting.
 */
export async function takeLock(path: string, clock: Clock): Promise<FileLock> {
  const owner = JSON.stringify({ host: hostname(), pid: process.pid, token: randomUUID() });
  const until = clock.monotonic() + longestWaitMs;
  while (!create(path, owner)) {
    if (isStale(path, clock)) removeStale(path, clock);
    else if (clock.monotonic() > until) throw taken(path);
    else await clock.sleep(lockPollMs);
  }
  const isOwn = () => textOf(path) === owner;
  return {
    check: () => {
      if (!isOwn()) throw taken(path);
    },
    release: () => {
      if (isOwn()) rmSync(path, { force: true });
    },
  };
}

function create(path: string, owner: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
  writeSync(file, owner);
  closeSync(file);
  return true;
}

function isStale(path: string, clock: Clock): boolean {
  const text = textOf(path);
  if (text === undefined) return false;
  const owner = ownerOf(text);
  if (owner?.host === hostname()) return !isAlive(owner.pid);
  try {
    return clock.now() - statSync(path).mtimeMs > staleLockMs;
  } catch {
    return false;
  }
}

/** Undefined while its owner is still writing it. */
function ownerOf(text: string): { readonly host: string; readonly pid: number } | undefined {
  try {
    return JSON.parse(text) as { readonly host: string; readonly pid: number };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Of several that find it stale one renames it away; a fresh lock that came in between is put back. */
function removeStale(path: string, clock: Clock): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (!isStale(aside, clock)) linkSync(aside, path);
  } catch {
    // Another process was faster.
  }
  rmSync(aside, { force: true });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function taken(path: string): HoneError {
  return new HoneError(`${path} is held by another process, which works on the prompt.`, {
    code: 'HONE_PROMPT_MOVED',
    hint: 'Try again when it is done; if there is none, delete the file. Nothing was changed.',
    facts: { file: path },
  });
}
