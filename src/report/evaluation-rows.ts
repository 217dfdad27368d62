import type { RowResult } from '../evaluation/evaluation.ts';

/** How the rows of an evaluation are written, one after the other, so that any number of them fits. */
export interface RowFormat {
  /** What stands before the first row, with its line break. */
  readonly header: string;
  /** One row without its line break. */
  line(row: RowResult): string;
}

/** One JSON document a line, as stored. */
export const rowsAsJsonLines: RowFormat = { header: '', line: (row) => JSON.stringify(row) };

const columns = [
  'id',
  'trial',
  'status',
  'score',
  'expected',
  'answer',
  'feedback',
  'cost_usd',
  'latency_ms',
];

/** One row a line for a spreadsheet. */
export const rowsAsCsv: RowFormat = { header: `${columns.join(',')}\n`, line: csvRow };

function csvRow({ exampleId, trial, outcome, expected, outputs, usage }: RowResult): string {
  const feedback = 'feedback' in outcome ? outcome.feedback : 'reason' in outcome ? outcome.reason : '';
  return [
    exampleId,
    trial,
    outcome.status,
    'value' in outcome ? outcome.value : '',
    cellText(expected),
    cellText(outputs),
    feedback ?? '',
    usage.costUsd ?? '',
    usage.latencyMs,
  ]
    .map(csvCell)
    .join(',');
}

function cellText(values: RowResult['outputs']): string {
  return values === undefined ? '' : JSON.stringify(values);
}

/** Quoted where needed; a text that a spreadsheet would run as a formula starts with an apostrophe. */
function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
