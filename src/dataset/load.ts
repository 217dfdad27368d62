import { resolve } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { ownOf, setOwn } from '../base/own-property.ts';
import type { Dataset, Example } from './dataset.ts';
import { emptyDataset, invalidDataset, missingColumn } from './dataset-errors.ts';
import { type DatasetSource, openRowSource, type RowPass, type RowSource } from './read-rows.ts';
import { createRowIds, type RowIds } from './row-ids.ts';
import type { Delimiter } from './sniff-table.ts';

export interface LoadDatasetOptions {
  /** The columns that hold what a good answer is. @default none: rows without labels */
  readonly expected?: readonly string[] | undefined;
  /** The columns that programs get. @default every column that is not expected, id, group or metadata */
  readonly inputs?: readonly string[] | undefined;
  /** Renames columns: name in the source → name here. All other options use the new names. @default {} */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** The column that identifies a row. Left out, or empty in a row: the row's content does. */
  readonly id?: string | undefined;
  /** Columns that are kept with a row and shown to nobody who answers. @default [] */
  readonly metadata?: readonly string[] | undefined;
  /**
   * The column that says what a row belongs to (a customer, a document, a template), for {@link Example.group}; an
   * empty cell is a row that stands alone. Programs do not see it, unless `inputs` names it.
   *
   * @default none
   */
  readonly groupBy?: string | undefined;
  /** For people. @default the file's name */
  readonly name?: string | undefined;
  /** What stands between the values of a CSV or TSV file. @default what the file looks like */
  readonly delimiter?: Delimiter | undefined;
  /** Whether an input that a row lacks is an empty text; else the row lacks it. @default false */
  readonly missingAsEmpty?: boolean | undefined;
}

/** How many rows of a source without a header are looked at for its columns. */
const headRows = 100;

/**
 * Opens rows: a .csv, .tsv, .jsonl, .ndjson, .json, .yaml or .yml file, an array, an iterable, or a function that
 * gives one. The columns are checked now; CSV, TSV, JSON Lines and iterables are then read row by row at each pass,
 * JSON and YAML as a whole.
 *
 * Values of CSV and TSV stay text, in inputs and in expected columns (scorers compare numbers as numbers); an empty
 * cell of an expected column counts as no label, as `null` and an absent key do elsewhere. Ids: see
 * {@link createRowIds}.
 *
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`, `HONE_FILE_UNREADABLE`, `HONE_DATASET_EMPTY`, `HONE_FIELD_MISSING` for
 * a column that is not there, `HONE_DATASET_INVALID` with file, line and column (for later rows while they are
 * read), `HONE_OPTION_INVALID` for rows that can be read only once.
 */
export async function loadDataset(source: DatasetSource, options: LoadDatasetOptions = {}): Promise<Dataset> {
  const { expected = [], metadata = [], id, groupBy, columns: renamed = {} } = options;
  const rows = await openRowSource(source, options);
  const found = await readColumns(rows);
  for (const column of Object.keys(renamed)) requireColumn(column, found, rows.name);
  const columns = found.map((column) => ownOf(renamed, column) ?? column);
  const others = new Set([...expected, ...metadata, ...[id, groupBy].filter((name) => name !== undefined)]);
  for (const column of [...others, ...(options.inputs ?? [])]) requireColumn(column, columns, rows.name);
  const roles: ColumnRoles = {
    expected: new Set(expected),
    inputs: options.inputs && new Set(options.inputs),
    metadata: new Set(metadata),
    renamed: new Map(Object.entries(renamed)),
    id,
    groupBy,
    isText: rows.isText,
  };
  const inputColumns = options.inputs ?? columns.filter((column) => !others.has(column));
  const known = new Set(columns);
  return {
    name: rows.name,
    ...(typeof source === 'string' && { file: resolve(source) }),
    inputColumns,
    expectedColumns: expected,
    ...(rows.notices.size > 0 && { notices: [...rows.notices] }),
    async *[Symbol.asyncIterator]() {
      const ids = createRowIds();
      const { pages } = await rows.open();
      let number = 0;
      for await (const page of pages) {
        for (const row of page) {
          number += 1;
          if (roles.inputs === undefined && !rows.isText)
            requireKnown(row, { known, inputColumns, renamed, number, name: rows.name });
          const example = toExample(row, roles, ids);
          yield options.missingAsEmpty === true ? withEmpty(example, inputColumns) : example;
        }
      }
    },
  };
}

interface RowPlace {
  readonly known: ReadonlySet<string>;
  readonly inputColumns: readonly string[];
  readonly renamed: Readonly<Record<string, string>>;
  readonly number: number;
  readonly name: string;
}

/** A key that only later rows have would be shown to nobody, so it is refused by name. */
function requireKnown(row: JsonObject, { known, inputColumns, renamed, number, name }: RowPlace): void {
  for (const key in row) {
    const column = ownOf(renamed, key) ?? key;
    if (known.has(column)) continue;
    throw invalidDataset(
      { file: name },
      {
        problem: `row ${number} has “${column}”, which none of the first ${headRows} rows has.`,
        hint: `Name the columns that the prompt sees, with or without it: on the command line --inputs ${inputColumns.join(',')}, in code \`inputs\`.`,
      },
    );
  }
}

function withEmpty(example: Example, columns: readonly string[]): Example {
  const inputs: Record<string, Json> = {};
  for (const column of columns) setOwn(inputs, column, ownOf(example.inputs, column) ?? '');
  return { ...example, inputs };
}

/** Which column plays which part. */
interface ColumnRoles {
  readonly expected: ReadonlySet<string>;
  /** Undefined: all columns without another part. */
  readonly inputs: ReadonlySet<string> | undefined;
  readonly metadata: ReadonlySet<string>;
  readonly renamed: ReadonlyMap<string, string>;
  readonly id: string | undefined;
  readonly groupBy: string | undefined;
  readonly isText: boolean;
}

function toExample(row: JsonObject, roles: ColumnRoles, ids: RowIds): Example {
  const inputs: Record<string, Json> = {};
  let expected: Record<string, Json> | undefined;
  let metadata: Record<string, Json> | undefined;
  let idText = '';
  let group = '';
  for (const column of Object.keys(row)) {
    const value = row[column];
    if (value === undefined) continue;
    const name = roles.renamed.get(column) ?? column;
    if (name === roles.groupBy) group = textOf(value);
    if (roles.expected.has(name)) {
      if (value === null || (roles.isText && value === '')) continue;
      expected ??= {};
      setOwn(expected, name, value);
    } else if (name === roles.id) {
      idText = textOf(value);
    } else if (roles.metadata.has(name)) {
      metadata ??= {};
      setOwn(metadata, name, value);
    } else if (roles.inputs === undefined ? name !== roles.groupBy : roles.inputs.has(name)) {
      setOwn(inputs, name, value);
    }
  }
  const content = [inputs, expected, metadata, ...(group === '' ? [] : [group])];
  const id = idText === '' ? ids.ofContent(canonicalJson(content)) : ids.ofColumn(idText);
  return {
    id,
    inputs,
    ...(expected && { expected }),
    ...(metadata && { metadata }),
    ...(group !== '' && { group }),
  };
}

/** A value of an id or group column; empty for "nothing". */
function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** The columns in the order of the source: its header, or the keys of its first rows. */
async function readColumns(source: RowSource): Promise<readonly string[]> {
  const { header, pages } = await source.open();
  try {
    const columns = new Set<string>(header);
    let rows = 0;
    for await (const page of pages) {
      for (const row of header === undefined ? page.slice(0, headRows - rows) : []) {
        for (const column of Object.keys(row)) columns.add(column);
      }
      rows += page.length;
      if (rows >= headRows || (header !== undefined && rows > 0)) break;
    }
    if (rows === 0) throw emptyDataset(source.name);
    return [...columns];
  } finally {
    await endPass(pages);
  }
}

async function endPass(pages: RowPass['pages']): Promise<void> {
  await pages.return();
}

function requireColumn(column: string, columns: readonly string[], name: string): void {
  if (!columns.includes(column)) throw missingColumn(column, columns, name);
}
