import { parse } from 'csv-parse/sync';
import { readText } from './read-text.ts';

export type Delimiter = ',' | ';' | '\t' | '|';

/** How a table of text is to be read. */
export interface TableForm {
  readonly delimiter: Delimiter;
  /** Lines before the header. */
  readonly skippedLines: number;
  /** Whether the first column only counts the rows and has no name. */
  readonly hasIndexColumn: boolean;
  /** What was found out by looking, as sentences. */
  readonly notices: readonly string[];
}

export interface SniffOptions {
  /** What the file is called, for notices. */
  readonly name: string;
  /** What the name of the file says. */
  readonly usual: Delimiter;
  /** What the caller says; nothing is looked for then. */
  readonly delimiter?: Delimiter | undefined;
}

const delimiters: readonly Delimiter[] = [',', ';', '\t', '|'];
const names: Readonly<Record<Delimiter, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
};
const lookedAt = 20;

/** Looks at the beginning of a table: what parts its values, and whether its first column is an index. */
export async function sniffTable(file: string, { name, usual, delimiter }: SniffOptions): Promise<TableForm> {
  const start = await beginning(file);
  const said = /^sep=([,;|\t])\r?\n/i.exec(start)?.[1] as Delimiter | undefined;
  const table = said === undefined ? start : start.slice(start.indexOf('\n') + 1);
  const chosen = delimiter ?? said ?? detect(table, usual);
  const notices: string[] = [];
  if (delimiter === undefined && said === undefined && chosen !== usual) {
    notices.push(`${name} is read with ${names[chosen]} between its values; --delimiter says otherwise.`);
  }
  const hasIndexColumn = isIndex(records(table, chosen));
  if (hasIndexColumn) {
    notices.push(`${name}: the first column has no name and counts the rows, so it is left out.`);
  }
  return { delimiter: chosen, skippedLines: said === undefined ? 0 : 1, hasIndexColumn, notices };
}

async function beginning(file: string): Promise<string> {
  const pieces = readText(file);
  const { value = '' } = await pieces.next();
  await pieces.return();
  return value;
}

/** The usual one where it makes a table; else the one that makes the widest. */
function detect(text: string, usual: Delimiter): Delimiter {
  const widths = delimiters.map((delimiter) => ({ delimiter, width: widthOf(records(text, delimiter)) }));
  const isTable = widths.find(({ delimiter }) => delimiter === usual)?.width ?? 0;
  if (isTable > 1) return usual;
  const widest = [...widths].sort((a, b) => b.width - a.width)[0];
  return widest !== undefined && widest.width > 1 ? widest.delimiter : usual;
}

/** Columns, where every line has as many; else 0. */
function widthOf(table: readonly (readonly string[])[]): number {
  const [header] = table;
  if (header === undefined) return 0;
  const isEven = table.every((record) => record.length === header.length || isBlank(record));
  return isEven ? header.length : 0;
}

/** A line of nothing but spaces. */
export function isBlank(record: readonly string[]): boolean {
  return record.every((value) => value.trim() === '');
}

function records(text: string, delimiter: Delimiter): readonly (readonly string[])[] {
  try {
    const lines = text.split(/(?<=\n)/, lookedAt * 4).join('');
    // The last of them may have been cut.
    return parse(lines, {
      delimiter,
      bom: true,
      to: lookedAt,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as string[][];
  } catch {
    return [];
  }
}

/** Whether the first column has no name and holds 0, 1, 2 … or 1, 2, 3 …, as tables that pandas wrote do. */
function isIndex(table: readonly (readonly string[])[]): boolean {
  const [header = [], ...rows] = table.filter((record) => !isBlank(record));
  if (header.length < 2 || header[0]?.trim() !== '' || rows.length === 0) return false;
  const first = Number(rows[0]?.[0]);
  return (first === 0 || first === 1) && rows.every((row, index) => row[0] === String(first + index));
}
