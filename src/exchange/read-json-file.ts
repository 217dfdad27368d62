import { messageOf } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { invalidImport } from './exchange-errors.ts';

/**
 * The value of a JSON text; what other tools write that is no JSON (`NaN`) is an error with its place.
 *
 * @throws {HoneError} `HONE_IMPORT_INVALID`
 */
export function readJsonText(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw invalidImport(`${file} is no JSON: ${messageOf(cause)}.`, {
      hint: 'Save it again with the tool that wrote it.',
      file,
      cause,
    });
  }
}

/** The object of a JSON text. @throws {HoneError} `HONE_IMPORT_INVALID` */
export function readJsonObject(text: string, file: string): JsonObject {
  const value = readJsonText(text, file);
  if (isJsonObject(value)) return value;
  throw invalidImport(`${file} holds no JSON object.`, { hint: 'Check that it is the right file.', file });
}
