import { LineCounter, parseDocument } from 'yaml';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { invalidDataset } from './dataset-errors.ts';
import { findJsonError, placeOf } from './json-error.ts';
import { readWholeText } from './read-text.ts';

/** The rows of a JSON file: one list of objects, read as a whole. */
export async function readJsonDocument(file: string): Promise<readonly JsonObject[]> {
  const text = await readWholeText(file);
  let document: Json;
  try {
    document = JSON.parse(text) as Json;
  } catch (cause) {
    throw invalidDataset(
      { file, ...placeOf(text, findJsonError(text) ?? 0) },
      { problem: 'this is not JSON.', hint: 'Mend the JSON at this place.', cause },
    );
  }
  return toRows(document, file);
}

/** The rows of a YAML file: one list of mappings, read as a whole. */
export async function readYamlDocument(file: string): Promise<readonly JsonObject[]> {
  const lines = new LineCounter();
  const document = parseDocument(await readWholeText(file), { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col: column } = lines.linePos(error.pos[0]);
    throw invalidDataset(
      { file, line, column },
      {
        problem: `this is not YAML: ${error.message.split(/ at line|\n/)[0]}.`,
        hint: 'Mend the YAML at this place; put text with special characters into quotes.',
        cause: error,
      },
    );
  }
  return toRows((document.toJS() ?? []) as Json, file);
}

function toRows(document: Json, file: string): readonly JsonObject[] {
  if (!Array.isArray(document)) {
    throw invalidDataset(
      { file },
      { problem: 'the file holds no list of rows.', hint: 'Write one list with an object for each row.' },
    );
  }
  for (const [index, row] of document.entries()) {
    if (isJsonObject(row)) continue;
    throw invalidDataset(
      { file },
      { problem: `row ${index + 1} is no object.`, hint: 'Write every row as an object of named values.' },
    );
  }
  return document as readonly JsonObject[];
}
