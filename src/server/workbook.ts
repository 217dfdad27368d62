import { HoneError, messageOf } from '../base/errors.ts';
import type { TableFormat } from './table-view.ts';

/**
 * The first sheet of a workbook as CSV: dates as ISO days, numbers and texts as they are.
 *
 * @param base64 The bytes of an .xlsx file.
 * @throws {HoneError} `HONE_DATASET_INVALID` for what is no workbook, or one without rows.
 */
export async function csvOfWorkbook(base64: string): Promise<string> {
  const { default: readSheets } = await import('read-excel-file/node');
  let sheets: readonly { readonly sheet: string; readonly data: readonly (readonly unknown[])[] }[];
  try {
    sheets = await readSheets(Buffer.from(base64, 'base64'));
  } catch (cause) {
    throw new HoneError(`The workbook cannot be read: ${messageOf(cause)}.`, {
      code: 'HONE_DATASET_INVALID',
      hint: 'Save it as .xlsx or as CSV, and import that.',
      cause,
    });
  }
  const rows = sheets[0]?.data ?? [];
  if (rows.length < 2) {
    throw new HoneError('The first sheet of the workbook has no rows below its header.', {
      code: 'HONE_DATASET_EMPTY',
      hint: 'Put the table on the first sheet, its column names in the first line.',
    });
  }
  return `${rows.map((row) => row.map((cell) => quoted(cellText(cell))).join(',')).join('\n')}\n`;
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString().replace(/T00:00:00\.000Z$/u, '');
  return String(cell);
}

function quoted(text: string): string {
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A pasted table as text: a workbook is turned into CSV first. */
export async function asText({
  text,
  format,
}: {
  readonly text: string;
  readonly format: TableFormat | 'xlsx';
}): Promise<{ readonly text: string; readonly format: TableFormat }> {
  return format === 'xlsx' ? { text: await csvOfWorkbook(text), format: 'csv' } : { text, format };
}
