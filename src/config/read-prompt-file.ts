import { existsSync, readFileSync, statSync } from 'node:fs';
import { HoneError, messageOf } from '../base/errors.ts';
import { checkPromptText } from '../prompt/check-prompt-text.ts';

/**
 * The text of a prompt file.
 *
 * @param shown The path as it was given, for messages.
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`, `HONE_FILE_UNREADABLE`, `HONE_PROMPT_INVALID` for a file that is no
 *   prompt.
 */
export function readPromptText(path: string, shown: string): string {
  if (!existsSync(path)) {
    throw new HoneError(`The prompt file ${shown} does not exist.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Check the path. `hone init` writes a first prompt.',
      facts: { file: path },
    });
  }
  if (statSync(path).isDirectory()) {
    throw new HoneError(`${shown} is a folder, not a prompt file.`, {
      code: 'HONE_FILE_UNREADABLE',
      hint: 'Name the text file with the prompt.',
      facts: { file: path },
    });
  }
  const text = readText(path, shown);
  checkPromptText(text, shown);
  return text;
}

function readText(path: string, shown: string): string {
  const bytes = readBytes(path, shown);
  // A byte order mark says for certain what wrote the file.
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HoneError(`The prompt file ${shown} is neither UTF-8 nor UTF-16 with a byte order mark.`, {
      code: 'HONE_PROMPT_INVALID',
      hint: 'Save it as UTF-8.',
      cause,
      facts: { file: path },
    });
  }
}

function readBytes(path: string, shown: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new HoneError(`The prompt file ${shown} cannot be read: ${messageOf(cause)}`, {
      code: 'HONE_FILE_UNREADABLE',
      hint: 'Make the file readable.',
      cause,
      facts: { file: path },
    });
  }
}
