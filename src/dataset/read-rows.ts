import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { unreadableFile } from './dataset-errors.ts';
import { readDelimited } from './read-delimited.ts';
import { readJsonDocument, readYamlDocument } from './read-document.ts';
import { readJsonLines } from './read-json-lines.ts';

export type RowSequence = Iterable<JsonObject> | AsyncIterable<JsonObject>;

/** Where rows come from: the path of a file, the rows, or a function that gives them anew each time. */
export type DatasetSource = string | RowSequence | (() => RowSequence | Promise<RowSequence>);

/** One pass over a source: lists of rows. `header` is what the source itself declares as its columns. */
export interface RowPass {
  readonly header?: readonly string[] | undefined;
  readonly pages: AsyncGenerator<readonly JsonObject[], void, void>;
}

export interface RowSource {
  readonly name: string;
  /** Whether the source is a table of text, where an empty cell is the only way to say "nothing". */
  readonly isText: boolean;
  open(): Promise<RowPass>;
}

const pageRows = 256;

export async function openRowSource(source: DatasetSource, name: string | undefined): Promise<RowSource> {
  if (typeof source === 'string') return openFile(source, name);
  if (typeof source !== 'function' && isOneShot(source)) {
    throw new HoneError('The rows can be read only once, and a dataset is read several times.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Pass the generator function itself, or an array of the rows.',
    });
  }
  const open = async (): Promise<RowPass> => ({
    pages: paged(typeof source === 'function' ? await source() : source),
  });
  return { name: name ?? 'the dataset', isText: false, open };
}

async function openFile(file: string, name = basename(file)): Promise<RowSource> {
  const found = await stat(file).catch((thrown) => {
    throw unreadableFile(file, thrown);
  });
  if (found.isDirectory()) throw unreadableFile(file, { code: 'EISDIR' });
  const extension = extname(file).toLowerCase();
  switch (extension) {
    case '.csv':
    case '.tsv': {
      const open = async (): Promise<RowPass> => {
        const { header, rows } = await readDelimited(file, extension === '.csv' ? ',' : '\t');
        return { header, pages: rows };
      };
      return { name, isText: true, open };
    }
    case '.jsonl':
    case '.ndjson':
      return { name, isText: false, open: async () => ({ pages: readJsonLines(file) }) };
    case '.json':
      return { name, isText: false, open: async () => ({ pages: onePage(await readJsonDocument(file)) }) };
    case '.yaml':
    case '.yml':
      return { name, isText: false, open: async () => ({ pages: onePage(await readYamlDocument(file)) }) };
    default:
      throw new HoneError(`${file} is no table that can be read: its name ends in "${extension}".`, {
        code: 'HONE_DATASET_INVALID',
        hint: 'Use .csv, .tsv, .jsonl, .ndjson, .json, .yaml or .yml.',
        facts: { file },
      });
  }
}

async function* onePage(rows: readonly JsonObject[]): AsyncGenerator<readonly JsonObject[], void, void> {
  yield rows;
}

async function* paged(rows: RowSequence): AsyncGenerator<readonly JsonObject[], void, void> {
  if (Array.isArray(rows)) {
    yield rows as readonly JsonObject[];
    return;
  }
  let page: JsonObject[] = [];
  for await (const row of rows) {
    page.push(row);
    if (page.length === pageRows) {
      yield page;
      page = [];
    }
  }
  yield page;
}

/** A generator is its own iterator: a second pass over it gives nothing. */
function isOneShot(rows: RowSequence): boolean {
  const iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  return Object.is(iterator, rows);
}
