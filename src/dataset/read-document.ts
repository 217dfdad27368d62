import { LineCounter, parseDocument } from 'yaml';
import { parseExactJson } from '../base/exact-json.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { keepSpelling } from '../base/yaml-spelling.ts';
import { invalidDataset } from './dataset-errors.ts';
import { findJsonError, placeOf } from './json-error.ts';
import { readWholeText } from './read-text.ts';

/** Rows of a document, with what a reader should know of how they were found. */
export interface DocumentRows {
  readonly rows: readonly JsonObject[];
  readonly notices: readonly string[];
}

/** The rows of a JSON file, read as a whole: one list of objects, an object that holds it, or an object a line. */
export async function readJsonDocument(file: string, name: string): Promise<DocumentRows> {
  const text = await readWholeText(file);
  let document: Json;
  try {
    document = parseExactJson(text);
  } catch (cause) {
    const lines = jsonLinesOf(text);
    if (lines !== undefined) {
      return { rows: lines, notices: [`${name} holds an object on each line (JSON Lines) and is read so.`] };
    }
    throw invalidDataset(
      { file, ...placeOf(text, findJsonError(text) ?? 0) },
      { problem: 'this is not JSON.', hint: 'Mend the JSON at this place.', cause },
    );
  }
  return rowsOf(document, { file, name });
}

/** The objects of a text that has one on each line; undefined where a line is something else. */
function jsonLinesOf(text: string): readonly JsonObject[] | undefined {
  const rows: JsonObject[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    try {
      const row = parseExactJson(line);
      if (!isJsonObject(row)) return undefined;
      rows.push(row);
    } catch {
      return undefined;
    }
  }
  return rows.length > 1 ? rows : undefined;
}

interface DocumentPlace {
  readonly file: string;
  readonly name: string;
}

/** The list itself, or the only list of objects that an object holds. */
function rowsOf(document: Json, { file, name }: DocumentPlace): DocumentRows {
  if (!isJsonObject(document)) return { rows: toRows(document, file), notices: [] };
  const lists = Object.entries(document).filter(
    ([, value]) => Array.isArray(value) && value.length > 0 && value.every(isJsonObject),
  );
  const [only, another] = lists;
  if (only === undefined || another !== undefined || only[0] === 'messages') {
    const found = another === undefined ? '' : `: ${lists.map(([key]) => key).join(', ')}`;
    throw invalidDataset(
      { file },
      {
        problem:
          another === undefined ? 'the file holds no list of rows.' : `the file holds several lists${found}.`,
        hint: 'Write one list with an object for each row.',
      },
    );
  }
  const [key, rows] = only;
  return { rows: rows as readonly JsonObject[], notices: [`${name}: the rows are the list under “${key}”.`] };
}

/** The rows of a YAML file: one list of mappings, read as a whole. */
export async function readYamlDocument(file: string, name: string): Promise<DocumentRows> {
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
  keepSpelling(document);
  return rowsOf((document.toJS() ?? []) as Json, { file, name });
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
