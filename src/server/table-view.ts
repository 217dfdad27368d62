import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset } from '../dataset/load.ts';
import { csvCell } from '../report/csv-cell.ts';
import { counted } from '../report/numbers.ts';
import type { TableView } from './file-views.ts';
import { textOf } from './row-index.ts';

export interface TableQuery {
  readonly from: number;
  readonly limit: number;
  /** Rows that hold every word of it. */
  readonly q?: string | undefined;
}

/** Reads a table once, in flat memory, and keeps a page of it. */
export async function tableView(path: string, { from, limit, q = '' }: TableQuery): Promise<TableView> {
  const dataset = await loadDataset(path);
  const columns = dataset.inputColumns;
  const words = q.toLowerCase().split(/\s+/u).filter(Boolean);
  const rows: (readonly string[])[] = [];
  const seen = new Set<string>();
  const empty = new Map<string, number>();
  let total = 0;
  let all = 0;
  let copies = 0;
  for await (const { inputs } of dataset) {
    const cells = columns.map((column) => textOf(inputs[column]));
    all += 1;
    for (const [index, cell] of cells.entries()) {
      const column = columns[index] ?? '';
      if (cell.trim() === '') empty.set(column, (empty.get(column) ?? 0) + 1);
    }
    const key = JSON.stringify(cells);
    if (seen.has(key)) copies += 1;
    else if (seen.size < mostSeen) seen.add(key);
    if (words.length > 0 && !words.every((word) => cells.join('\n').toLowerCase().includes(word))) continue;
    if (total >= from && rows.length < limit) rows.push(cells);
    total += 1;
  }
  return {
    columns,
    rows,
    total,
    from,
    problems: [
      ...(copies > 0
        ? [
            `${counted(copies, 'row')} ${copies === 1 ? 'is a copy' : 'are copies'} of another: they count once in every test.`,
          ]
        : []),
      ...[...empty].map(([column, count]) => `“${column}” is empty in ${counted(count, 'row')}.`),
      ...(seen.size >= mostSeen
        ? [`Copies were looked for in the first ${counted(mostSeen, 'row')} alone.`]
        : []),
      ...(all < 50
        ? [`${counted(all, 'row')}: about 200 are needed to prove a difference of ten points.`]
        : []),
    ],
  };
}

const mostSeen = 100_000;

export type TableFormat = 'csv' | 'tsv' | 'jsonl' | 'json';

/** Works with a pasted table as with a file, and leaves none behind. */
export async function withPasted<Result>(
  { text, format }: { readonly text: string; readonly format: TableFormat },
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'hone-paste-'));
  try {
    const path = join(folder, `pasted.${format}`);
    writeFileSync(path, text);
    return await work(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A table as CSV with columns renamed or left out. */
export async function mappedCsv(path: string, names: Readonly<Record<string, string>>): Promise<string> {
  const dataset = await loadDataset(path);
  const kept = dataset.inputColumns.filter((column) => (names[column] ?? column) !== '');
  const lines = [kept.map((column) => csvCell(names[column] ?? column)).join(',')];
  for await (const { inputs } of dataset)
    lines.push(kept.map((column) => quoted(textOf(inputs[column]))).join(','));
  return `${lines.join('\n')}\n`;
}

/** As it is: what a model is to be asked must not be changed for a spreadsheet's sake. */
function quoted(text: string): string {
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
