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
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HoneError(`The prompt file ${shown} cannot be read: ${messageOf(cause)}`, {
      code: 'HONE_FILE_UNREADABLE',
      hint: 'Make the file readable.',
      cause,
      facts: { file: path },
    });
  }
}
