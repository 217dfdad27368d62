import { csvCell } from '../report/csv-cell.ts';
import type { IndexedRow } from './row-index.ts';

const header = ['row', 'status', 'score', 'input', 'output', 'expected', 'latency_ms', 'cost_usd'];

/** Rows as a table; texts are as long as the studio shows them. */
export function csvOfRows(rows: readonly IndexedRow[]): string {
  const lines = rows.map(({ id, status, trials, input, output, expected, latencyMs, costUsd }) => {
    const known = trials.filter((value): value is number => typeof value === 'number');
    const score = known.length === 0 ? '' : known.reduce((sum, value) => sum + value, 0) / known.length;
    return [id, status, score, input, output, expected, Math.round(latencyMs), costUsd ?? '']
      .map((value) => csvCell(String(value)))
      .join(',');
  });
  return `${[header.join(','), ...lines].join('\n')}\n`;
}
