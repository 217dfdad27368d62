import { parseExactJson } from '../base/exact-json.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { invalidDataset } from './dataset-errors.ts';
import { findJsonError } from './json-error.ts';
import { readText } from './read-text.ts';

/** The rows of a JSON Lines file, a list for each piece of the file; blank lines are skipped. */
export async function* readJsonLines(file: string): AsyncGenerator<readonly JsonObject[], void, void> {
  let rest = '';
  let line = 0;
  const parse = (lines: readonly string[]): JsonObject[] => {
    const rows: JsonObject[] = [];
    for (const text of lines) {
      line += 1;
      const row = parseLine(text, { file, line });
      if (row !== undefined) rows.push(row);
    }
    return rows;
  };
  for await (const piece of readText(file)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield parse(lines);
  }
  yield parse([rest]);
}

function parseLine(text: string, place: { readonly file: string; readonly line: number }) {
  if (text.trim() === '') return undefined;
  let row: unknown;
  try {
    row = parseExactJson(text);
  } catch (cause) {
    throw invalidDataset(
      { ...place, column: (findJsonError(text) ?? 0) + 1 },
      { problem: 'this line is not JSON.', hint: 'Write one JSON object on each line.', cause },
    );
  }
  if (isJsonObject(row as JsonObject)) return row as JsonObject;
  throw invalidDataset(place, {
    problem: 'this line is JSON, but no object.',
    hint: 'Write one JSON object on each line, such as {"ticket": "…", "category": "…"}.',
  });
}
