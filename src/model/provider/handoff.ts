import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HoneError, messageOf } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { answerKey } from '../middleware/answer-cache.ts';
import type { CallOptions, Model, ModelRequest, ModelResponse } from '../model.ts';
import { type HandoffNames, handoffNames, handoffReadme, requestText } from './handoff-files.ts';

export interface HandoffOptions {
  /** Where requests are written and answers are read; made when it is not there. */
  readonly folder: string;
  /** Longest time that a call waits for its answer, in milliseconds; 0 looks once. @default 0 */
  readonly waitMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** How often a call that waits looks, in milliseconds. */
const lookEveryMs = 500;
/** A text counts as written when it has not changed for so long, in milliseconds. */
const settledMs = 1_000;
/** Larger files are no answers, in bytes. */
const mostBytes = 4_000_000;

const endpoint = 'handoff';
const id = 'handoff';

/**
 * A model that is whoever answers the files in a folder: a person, or a coding agent at work there. Each request
 * is one readable file named by its content, and its answer a file beside it, so that a run without any key can
 * ask, end, and go on when the answers are there.
 *
 * @throws (calls) {HoneError} `HONE_HANDOFF_WAITING` when an answer is not there within `waitMs`,
 *   `HONE_FILE_UNREADABLE` for an answer that is no readable file, `HONE_FOLDER_READ_ONLY`.
 */
export function handoff({ folder: given, waitMs = 0, clock = systemClock }: HandoffOptions): Model {
  const folder = resolve(given);
  const waiting = new Map<string, string>();

  const generate = async (
    request: ModelRequest,
    { draw = '0', signal }: CallOptions = {},
  ): Promise<ModelResponse> => {
    const key = answerKey({
      endpoint,
      modelId: id,
      kind: 'generate',
      payload: request as unknown as Json,
      draw,
    });
    const names = handoffNames(key.slice(0, 16), request);
    const until = clock.monotonic() + waitMs;
    while (true) {
      signal?.throwIfAborted();
      const found = await readAnswer({ folder, names, request, clock, signal });
      if (found.status === 'answered') {
        waiting.delete(names.request);
        take(folder, names);
        return { text: found.text, finishReason: 'stop', usage: {}, costUsd: 0, latencyMs: 0 };
      }
      if (!waiting.has(names.request)) hand(folder, names, requestText(request, names, draw));
      waiting.set(names.request, found.why);
      const left = until - clock.monotonic();
      if (left <= 0) {
        // What is asked together is told together.
        await new Promise((resolve) => setImmediate(resolve));
        throw stillWaiting(folder, waiting);
      }
      await clock.sleep(Math.min(lookEveryMs, left), signal);
    }
  };

  return {
    id,
    endpoint,
    capabilities: {
      choiceScores: false,
      tokenScores: false,
      jsonSchema: true,
      tools: false,
      completion: false,
    },
    generate,
    inProcess: true,
    byHand: { folder },
    price: { input: 0, output: 0 },
  };
}

interface Looking {
  readonly folder: string;
  readonly names: HandoffNames;
  readonly request: ModelRequest;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

type Found =
  | { readonly status: 'answered'; readonly text: string }
  | { readonly status: 'missing'; readonly why: string };

async function readAnswer({ folder, names, request, clock, signal }: Looking): Promise<Found> {
  const path = [folder, join(folder, 'answered')]
    .map((place) => join(place, names.answer))
    .find((each) => existsSync(each));
  if (path === undefined) return { status: 'missing', why: '' };
  const { text, changedAt } = readWhole(path);
  if (request.responseSchema !== undefined) {
    const why = faultOfJson(text, request.responseSchema);
    return why === undefined
      ? { status: 'answered', text }
      : { status: 'missing', why: `${names.answer} ${why}` };
  }
  if (text.trim() === '') return { status: 'missing', why: `${names.answer} is empty` };
  const age = clock.now() - changedAt;
  if (age < settledMs) await clock.sleep(settledMs - Math.max(0, age), signal);
  return readWhole(path).text === text
    ? { status: 'answered', text }
    : { status: 'missing', why: `${names.answer} is still being written` };
}

function readWhole(path: string): { readonly text: string; readonly changedAt: number } {
  try {
    const { size, mtimeMs } = statSync(path);
    if (size > mostBytes) throw new Error(`it has ${size} bytes, and an answer at most ${mostBytes}`);
    return { text: readFileSync(path, 'utf8').replace(/^\uFEFF/, ''), changedAt: mtimeMs };
  } catch (cause) {
    throw new HoneError(`The answer ${path} cannot be read: ${messageOf(cause)}.`, {
      code: 'HONE_FILE_UNREADABLE',
      hint: 'Make it a readable file, or move it away and answer again.',
      cause,
      facts: { file: path, retryable: false },
    });
  }
}

/** Why a text is no whole answer yet; undefined where it is one. What its values may be, the reader checks. */
function faultOfJson(text: string, { required }: JsonObject): string | undefined {
  const bare = text.trim().replace(/^```(?:json)?\s*\n([\s\S]*)\n```$/, '$1');
  if (bare === '') return 'is empty';
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch (thrown) {
    return `is not whole JSON yet (${messageOf(thrown)})`;
  }
  if (!isJsonObject(value)) return 'holds no JSON object';
  const lacking = (Array.isArray(required) ? required : []).filter(
    (name) => !Object.hasOwn(value, String(name)),
  );
  return lacking.length === 0 ? undefined : `lacks ${lacking.map((name) => `"${name}"`).join(', ')}`;
}

/** Writes a request whole or not at all. */
function hand(folder: string, { request }: HandoffNames, text: string): void {
  const path = join(folder, request);
  try {
    makeFolder(folder);
    const readme = join(folder, 'README.md');
    if (!existsSync(readme)) writeFileSync(readme, handoffReadme);
    if (existsSync(path)) return;
    const unfinished = `${path}.${process.pid}.tmp`;
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (cause) {
    throw new HoneError(`The request ${path} cannot be written: ${messageOf(cause)}.`, {
      code: 'HONE_FOLDER_READ_ONLY',
      hint: 'Make room and the folder writable, or name another one: handoff:<folder>.',
      cause,
      facts: { file: path, retryable: false },
    });
  }
}

/** Moves what is answered out of sight; where that cannot be done, it is read where it lies. */
function take(folder: string, { request, answer }: HandoffNames): void {
  const answered = join(folder, 'answered');
  for (const name of [request, answer]) {
    try {
      if (!existsSync(join(folder, name))) continue;
      makeFolder(answered);
      renameSync(join(folder, name), join(answered, name));
    } catch {
      // Nothing is lost: the answer has been read.
    }
  }
}

/** Requests without an answer that this run has not made: of another run, or of one that decided otherwise. */
function otherRequests(folder: string, waiting: ReadonlyMap<string, string>): number {
  try {
    const names = readdirSync(folder);
    const requests = names.filter((name) => name.endsWith('.request.md') && !waiting.has(name));
    return requests.filter((name) => {
      const answer = name.replace(/request\.md$/, 'answer.');
      return !names.some((other) => other.startsWith(answer));
    }).length;
  } catch {
    return 0;
  }
}

/** Faults that are named. */
const mostNamed = 3;

function stillWaiting(folder: string, waiting: ReadonlyMap<string, string>): HoneError {
  const { size } = waiting;
  const faults = [...waiting.values()].filter((why) => why !== '');
  const named = faults.slice(0, mostNamed).join('; ');
  const more = faults.length > mostNamed ? '; …' : '';
  const told = faults.length === 0 ? '' : ` Not taken: ${named}${more}.`;
  const others = otherRequests(folder, waiting);
  const stale =
    others === 0
      ? ''
      : ` (${others === 1 ? 'Another one there is' : `${others} others there are`} not asked by this run and may stay.)`;
  return new HoneError(
    `${size === 1 ? '1 request waits' : `${size} requests wait`} for an answer in ${folder}.${told}${stale}`,
    {
      code: 'HONE_HANDOFF_WAITING',
      hint: 'Answer the files there as its README.md says, then run the same command again: it goes on with the answers.',
      // No other call would be answered either: the run ends here, and goes on later.
      facts: { folder, requests: [...waiting.keys()], retryable: false, providerGone: true },
    },
  );
}
