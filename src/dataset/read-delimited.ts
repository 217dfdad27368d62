import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { JsonObject } from '../base/json.ts';
import { setOwn } from '../base/own-property.ts';
import { invalidDataset } from './dataset-errors.ts';
import { readText } from './read-text.ts';
import { isBlank, type TableForm } from './sniff-table.ts';

const pageRows = 256;

/** A table of text: the names of its columns, then its rows. */
export interface DelimitedRows {
  readonly header: readonly string[];
  readonly rows: AsyncGenerator<readonly JsonObject[], void, void>;
}

/**
 * Reads CSV (RFC 4180), or a table with another sign between its values. Lines may end in CRLF, LF or CR; quoted
 * fields may contain line ends; blank lines and lines of spaces are skipped. Every value is text.
 *
 * @see RFC 4180. https://www.rfc-editor.org/rfc/rfc4180
 */
export async function readDelimited(file: string, form: TableForm): Promise<DelimitedRows> {
  const records = readRecords(file, form);
  const first = await records.next();
  const header = (first.done ? [] : first.value).slice(form.hasIndexColumn ? 1 : 0);
  for (const [index, name] of header.entries()) {
    const problem = name === '' ? 'this column has no name.' : `the column "${name}" occurs twice.`;
    if (name !== '' && header.indexOf(name) === index) continue;
    await records.return();
    throw invalidDataset(
      { file, line: form.skippedLines + 1, column: index + 1 },
      { problem, hint: 'Give every column a name of its own in the first line.' },
    );
  }
  return { header, rows: toRows(header, records, form) };
}

async function* toRows(
  header: readonly string[],
  records: AsyncGenerator<readonly string[], void, void>,
  { hasIndexColumn }: TableForm,
): AsyncGenerator<readonly JsonObject[], void, void> {
  const first = hasIndexColumn ? 1 : 0;
  let page: JsonObject[] = [];
  for await (const record of records) {
    const row: Record<string, string> = {};
    for (let index = 0; index < header.length; index += 1) {
      setOwn(row, header[index] ?? '', record[first + index] ?? '');
    }
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
  { delimiter, skippedLines }: TableForm,
): AsyncGenerator<readonly string[], void, void> {
  const text = Readable.from(readText(file));
  const parser = parse({
    delimiter,
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    from_line: skippedLines + 1,
    // Counted here, because a line of spaces is no row with too few values.
    relax_column_count: true,
  });
  text.on('error', (thrown) => parser.destroy(thrown));
  let columns: number | undefined;
  try {
    for await (const read of text.pipe(parser)) {
      const record = read as string[];
      columns ??= record.length;
      if (record.length === columns) yield record;
      else if (!isBlank(record)) throw await unevenRow(file, { delimiter, skippedLines, columns });
    }
  } catch (thrown) {
    throw thrown instanceof CsvError ? await explain(thrown, file) : thrown;
  } finally {
    text.destroy();
    parser.destroy();
  }
}

/** The first row with another number of values than the header. */
async function unevenRow(
  file: string,
  table: Pick<TableForm, 'delimiter' | 'skippedLines'> & { columns: number },
) {
  const { delimiter, skippedLines, columns } = table;
  const parser = parse({
    delimiter,
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    from_line: skippedLines + 1,
    relax_column_count: true,
    info: true,
  });
  const text = Readable.from(readText(file));
  try {
    for await (const { record, info } of text.pipe(parser)) {
      const fields = (record as string[]).length;
      if (fields === columns || isBlank(record)) continue;
      const values = (count: number) => `${count} value${count === 1 ? '' : 's'}`;
      return invalidDataset(
        { file, line: info.lines, column: fields },
        {
          problem: `this row has ${values(fields)}, the first line has ${columns}.`,
          hint: `Put a value that contains a ${separatorName(delimiter)} or a quote into double quotes, and write "" for a quote inside.`,
        },
      );
    }
  } finally {
    text.destroy();
    parser.destroy();
  }
  return invalidDataset(
    { file },
    { problem: 'its rows have different numbers of values.', hint: 'Mend them.' },
  );
}

function separatorName(delimiter: string): string {
  if (delimiter === '\t') return 'tab';
  if (delimiter === ';') return 'semicolon';
  return delimiter === '|' ? 'bar' : 'comma';
}

/** What csv-parse reports beside its message. */
interface CsvPlace {
  readonly lines?: number;
  readonly column?: number | string;
}

async function explain(error: CsvError, file: string) {
  const { lines: line, column } = error as CsvError & CsvPlace;
  const fields = typeof column === 'number' ? column : undefined;
  switch (error.code) {
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
