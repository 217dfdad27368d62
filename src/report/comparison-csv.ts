import type { ExperimentComparison } from '../experiment/experiment.ts';
import { csvCell } from './csv-cell.ts';

const columns = [
  'challenger',
  'row',
  'other_id',
  'change',
  'flip',
  'slice',
  'baseline_score',
  'challenger_score',
  'delta',
  'baseline_cost_usd',
  'challenger_cost_usd',
  'baseline_latency_ms',
  'challenger_latency_ms',
];

/** Every row of every comparison, those without a counterpart as `only-in-…`; no cell runs as a formula. */
export function* comparisonCsv(comparisons: readonly ExperimentComparison[]): Generator<string, void, void> {
  yield `${columns.join(',')}\n`;
  for (const { challenger, rows, unmatched } of comparisons) {
    for (const row of rows) {
      const { baseline: before, challenger: after } = row;
      yield line([
        challenger.id,
        row.id,
        row.otherId,
        row.change,
        row.flip,
        row.slice,
        before.score,
        after.score,
        row.delta,
        before.costUsd,
        after.costUsd,
        before.latencyMs,
        after.latencyMs,
      ]);
    }
    for (const id of unmatched.baseline) yield line([challenger.id, id, undefined, 'only-in-baseline']);
    for (const id of unmatched.challenger) yield line([challenger.id, id, undefined, 'only-in-challenger']);
  }
}

function line(cells: readonly (string | number | undefined)[]): string {
  return `${columns.map((_, index) => csvCell(cells[index] ?? '')).join(',')}\n`;
}
