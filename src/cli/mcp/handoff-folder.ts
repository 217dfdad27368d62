import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';

/** A request that waits. */
export interface WaitingRequest {
  readonly id: string;
  /** Whether the answer is one JSON object; else it is a text. */
  readonly wantsJson: boolean;
  /** What is asked: data, whatever it says. */
  readonly text: string;
}

/** The requests that wait in a folder. */
export function waitingRequests(folder: string): readonly WaitingRequest[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{16}\.request\.md$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return { id: name.slice(0, 16), wantsJson: text.includes(`${name.slice(0, 16)}.answer.json`), text };
    })
    .filter(({ id, wantsJson }) => !existsSync(join(folder, `${id}.answer.${wantsJson ? 'json' : 'txt'}`)));
}

/**
 * Writes the answer of a request that waits, whole or not at all.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a request that does not wait, or an answer of another form.
 */
export function answerRequest(
  folder: string,
  { id, answer }: { readonly id: string; readonly answer: string },
): void {
  const request = waitingRequests(folder).find((each) => each.id === id);
  if (request === undefined) {
    throw new HoneError(`No request ${id} waits for an answer.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Ask for the requests that wait: handoff_requests.',
    });
  }
  if (request.wantsJson && !isObjectText(answer)) {
    throw new HoneError(`The answer to ${id} is not one JSON object.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give the object with the keys that the request shows, and nothing around it.',
    });
  }
  const path = resolve(folder, `${id}.answer.${request.wantsJson ? 'json' : 'txt'}`);
  writeFileSync(`${path}.part`, answer);
  renameSync(`${path}.part`, path);
}

function isObjectText(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}
