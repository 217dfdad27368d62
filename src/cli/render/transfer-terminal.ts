import { modelLines, transferNote, transferTable } from '../../report/transfer-table.ts';
import type { TransferReport } from '../../transfer/transfer-report.ts';
import { row } from './report-terminal.ts';
import type { Style } from './style.ts';
import { wrapText } from './wrap-text.ts';

export interface TransferFiles {
  readonly markdown: string;
  readonly json: string;
  /** The best prompt of each model. */
  readonly best: readonly { readonly model: string; readonly path: string }[];
}

export interface TransferViewOptions {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  readonly files?: TransferFiles | undefined;
}

/** Every winner on every model, and where they lie. */
export function renderTransfer(report: TransferReport, { style, width, files }: TransferViewOptions): string {
  const table = transferTable(report);
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((cells) => cells[column]?.length ?? 0)),
  );
  const lines = table.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  const [head, ...rows] = lines;
  return [
    style.bold(`${report.name}: every winner on every model`),
    ...modelLines(report).map((line) => `  ${line}`),
    ...(head === undefined
      ? []
      : [
          '',
          `  ${report.test?.rows ?? 0} rows that no search has seen:`,
          style.dim(head),
          ...rows,
          ...wrapText(transferNote, { width: Math.min(100, width), indent: '  ' }),
        ]),
    ...report.notices.map((notice) => row('note', notice)),
    ...(files === undefined
      ? []
      : [
          '',
          ...files.best.map(({ model, path }) => row(model, path)),
          row('report', files.markdown),
          row('figures', files.json),
        ]),
  ].join('\n');
}
