import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { JsonObject } from '../base/json.ts';
import { invalidDataset } from './dataset-errors.ts';
import { readText } from './read-text.ts';

const pageRows = 256;

/** A table of text: the names of its columns, then its rows. */
export interface DelimitedRows {
  readonly header: readonly string[];
  readonly rows: AsyncGenerator<readonly JsonObject[], void, void>;
}

/**
 * Reads CSV (RFC 4180) or, with a tab as the delimiter, TSV. Lines may end in CRLF, LF or CR; quoted fields may
 * contain line ends; blank lines are skipped. Every value is text.
 *
 * @see RFC 4180. https://www.rfc-editor.org/rfc/rfc4180
 */
export async function readDelimited(file: string, delimiter: ',' | '\t'): Promise<DelimitedRows> {
  const records = readRecords(file, delimiter);
  const first = await records.next();
  const header = first.done ? [] : first.value;
  for (const [index, name] of header.entries()) {
    const problem = name === '' ? 'this column has no name.' : `the column "${name}" occurs twice.`;
    if (name !== '' && header.indexOf(name) === index) continue;
    await records.return();
    throw invalidDataset(
      { file, line: 1, column: index + 1 },
      { problem, hint: 'Give every column a name of its own in the first line.' },
    );
  }
  return { header, rows: toRows(header, records) };
}

async function* toRows(
  header: readonly string[],
  records: AsyncGenerator<readonly string[], void, void>,
): AsyncGenerator<readonly JsonObject[], void, void> {
  let page: JsonObject[] = [];
  for await (const record of records) {
    const row: Record<string, string> = {};
    for (let index = 0; index < header.length; index += 1) row[header[index] ?? ''] = record[index] ?? '';
    page.push(row);
    if (page.length === pageRows) {
      yield page;
      page = [];
    }
  }
  yield page;
}

async function* readRecords(
  file: string,
  delimiter: ',' | '\t',
): AsyncGenerator<readonly string[], void, void> {
  const text = Readable.from(readText(file));
  const parser = parse({
    delimiter,
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
  });
  text.on('error', (thrown) => parser.destroy(thrown));
  let columns: number | undefined;
  try {
    for await (const record of text.pipe(parser)) {
      columns ??= (record as string[]).length;
      yield record as string[];
    }
  } catch (thrown) {
    throw thrown instanceof CsvError ? await explain(thrown, { file, delimiter, columns }) : thrown;
  } finally {
    text.destroy();
    parser.destroy();
  }
}

/** What csv-parse reports beside its message. */
interface CsvPlace {
  readonly lines?: number;
  readonly column?: number | string;
}

interface DelimitedTable {
  readonly file: string;
  readonly delimiter: string;
  /** Fields of the first line. */
  readonly columns: number | undefined;
}

async function explain(error: CsvError, table: DelimitedTable) {
  const { file, delimiter, columns } = table;
  const { lines: line, column } = error as CsvError & CsvPlace;
  const fields = typeof column === 'number' ? column : undefined;
  const separator = delimiter === '\t' ? 'tab' : 'comma';
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return invalidDataset(
        { file, line, column: fields },
        {
          problem: `this row has ${fields} field${fields === 1 ? '' : 's'}, the first line has ${columns ?? 'another number'}.`,
          hint: `Put a value that contains a ${separator} or a quote into double quotes, and write "" for a quote inside.`,
          cause: error,
        },
      );
    case 'CSV_QUOTE_NOT_CLOSED': {
      const opening = await findOpenQuote(file);
      return invalidDataset(
        { file, ...opening },
        {
          problem: 'the quote that opens here is never closed.',
          hint: 'Close it with a double quote, and write "" for a quote inside a quoted value.',
          cause: error,
        },
      );
    }
    default:
      return invalidDataset(
        { file, line, column: fields === undefined ? undefined : fields + 1 },
        {
          problem: `a quote is at the wrong place in field ${fields === undefined ? '?' : fields + 1}.`,
          hint: 'Put the whole value into double quotes, and write "" for a quote inside.',
          cause: error,
        },
      );
  }
}

/** The place of the quote that is still open at the end of the file. */
async function findOpenQuote(file: string): Promise<{ line: number; column: number }> {
  let line = 1;
  let column = 0;
  let isOpen = false;
  let previous = '';
  let opening = { line, column };
  for await (const piece of readText(file)) {
    for (const character of piece) {
      column += 1;
      if (character === '"') {
        isOpen = !isOpen;
        // A quote right after a closing one is an escaped quote: the same value goes on.
        if (isOpen && previous !== '"') opening = { line, column };
      }
      if (character === '\n' || (previous === '\r' && character !== '\n')) {
        line += 1;
        column = character === '\n' ? 0 : 1;
      }
      previous = character;
    }
  }
  return opening;
}
