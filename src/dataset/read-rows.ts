import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { chatColumns, isChatRow } from './chat-rows.ts';
import { unreadableFile } from './dataset-errors.ts';
import { readDelimited } from './read-delimited.ts';
import { type DocumentRows, readJsonDocument, readYamlDocument } from './read-document.ts';
import { readJsonLines } from './read-json-lines.ts';
import { type Delimiter, sniffTable } from './sniff-table.ts';

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
  /** What was found out by looking; complete once the source was opened. */
  readonly notices: ReadonlySet<string>;
  open(): Promise<RowPass>;
}

export interface OpenRowsOptions {
  /** For people. @default the file's name */
  readonly name?: string | undefined;
  /** Between the values of a table of text. @default what its beginning looks like */
  readonly delimiter?: Delimiter | undefined;
}

const pageRows = 256;

export async function openRowSource(
  source: DatasetSource,
  options: OpenRowsOptions = {},
): Promise<RowSource> {
  const { name } = options;
  if (typeof source === 'string') return openFile(source, options);
  if (typeof source !== 'function' && isOneShot(source)) {
    throw new HoneError('The rows can be read only once, and a dataset is read several times.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Pass the generator function itself, or an array of the rows.',
    });
  }
  const open = async (): Promise<RowPass> => ({
    pages: paged(typeof source === 'function' ? await source() : source),
  });
  return { name: name ?? 'the dataset', isText: false, notices: new Set(), open };
}

async function openFile(
  file: string,
  { name = basename(file), delimiter }: OpenRowsOptions,
): Promise<RowSource> {
  const found = await stat(file).catch((thrown) => {
    throw unreadableFile(file, thrown);
  });
  if (found.isDirectory()) throw unreadableFile(file, { code: 'EISDIR' });
  const notices = new Set<string>();
  const tell = (more: readonly string[]) => {
    for (const notice of more) notices.add(notice);
  };
  const ofDocument = async ({ rows, notices: more }: DocumentRows) => {
    tell(more);
    return { pages: withChats(onePage(rows), { file, name, tell }) };
  };
  const extension = extname(file).toLowerCase();
  switch (extension) {
    case '.csv':
    case '.tsv': {
      const open = async (): Promise<RowPass> => {
        const form = await sniffTable(file, { name, delimiter, usual: extension === '.csv' ? ',' : '\t' });
        tell(form.notices);
        const { header, rows } = await readDelimited(file, form);
        return { header, pages: rows };
      };
      return { name, isText: true, notices, open };
    }
    case '.jsonl':
    case '.ndjson': {
      const open = async () => ({ pages: withChats(readJsonLines(file), { file, name, tell }) });
      return { name, isText: false, notices, open };
    }
    case '.json':
      return {
        name,
        isText: false,
        notices,
        open: async () => ofDocument(await readJsonDocument(file, name)),
      };
    case '.yaml':
    case '.yml':
      return {
        name,
        isText: false,
        notices,
        open: async () => ofDocument(await readYamlDocument(file, name)),
      };
    default:
      throw new HoneError(`${file} is no table that can be read: its name ends in "${extension}".`, {
        code: 'HONE_DATASET_INVALID',
        hint: /^\.(?:xlsx?|ods|numbers)$/.test(extension)
          ? 'Save the sheet as CSV (UTF-8) and name that file.'
          : 'Use .csv, .tsv, .jsonl, .ndjson, .json, .yaml or .yml.',
        facts: { file },
      });
  }
}

interface ChatPlace {
  readonly file: string;
  readonly name: string;
  readonly tell: (notices: readonly string[]) => void;
}

/** Conversations as rows with columns; other rows as they are. */
async function* withChats(
  pages: RowPass['pages'],
  { file, name, tell }: ChatPlace,
): AsyncGenerator<readonly JsonObject[], void, void> {
  let row = 0;
  for await (const page of pages) {
    const first = row;
    row += page.length;
    if (!page.some(isChatRow)) {
      yield page;
      continue;
    }
    tell([`${name} holds conversations: their columns are system, user and assistant.`]);
    yield page.map((each, index) =>
      isChatRow(each) ? chatColumns(each, { file, row: first + index + 1 }) : each,
    );
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
