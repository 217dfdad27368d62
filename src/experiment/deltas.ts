import { mean, standardDeviation } from '../evaluation/statistics/mean.ts';
import { tInterval } from '../evaluation/statistics/t-interval.ts';
import type { Delta, ExperimentRow } from './experiment.ts';
import type { RowPair } from './pair-rows.ts';

/** What answers cost and take on both sides, over rows that both answered; none where nothing is known. */
export function compareDeltas(pairs: readonly RowPair[]): readonly Delta[] {
  return [
    ...deltaOf({ name: 'cost', unit: 'usd' }, pairs, ({ costUsd }) => costUsd),
    ...deltaOf({ name: 'latency', unit: 'ms' }, pairs, ({ latencyMs }) => latencyMs),
  ];
}

function deltaOf(
  named: Pick<Delta, 'name' | 'unit'>,
  pairs: readonly RowPair[],
  measure: (row: ExperimentRow) => number | undefined,
): readonly Delta[] {
  // Rows of one group go together: each group counts once, as in the comparison of scores.
  const units = new Map<string, { before: number; after: number; rows: number }>();
  let rows = 0;
  for (const { baseline, challenger } of pairs) {
    const before = averageOf(baseline.answers, measure);
    const after = averageOf(challenger.answers, measure);
    if (before === undefined || after === undefined) continue;
    rows += 1;
    const key = baseline.group === undefined ? `row ${baseline.id}` : `group ${baseline.group}`;
    const unit = units.get(key) ?? { before: 0, after: 0, rows: 0 };
    units.set(key, unit);
    unit.before += before;
    unit.after += after;
    unit.rows += 1;
  }
  if (rows === 0) return [];
  const befores: number[] = [];
  const differences: number[] = [];
  for (const unit of units.values()) {
    befores.push(unit.before / unit.rows);
    differences.push((unit.after - unit.before) / unit.rows);
  }
  const baseline = mean(befores);
  const difference = mean(differences);
  const sample = {
    rows: differences.length,
    mean: difference,
    standardDeviation: standardDeviation(differences),
  };
  return [
    {
      ...named,
      rows,
      baseline,
      challenger: baseline + difference,
      difference,
      ...(differences.length > 1 && { interval: tInterval(sample) }),
    },
  ];
}

/** Undefined where it is unknown of any answer, or the row was lost. */
function averageOf(
  answers: readonly ExperimentRow[],
  measure: (row: ExperimentRow) => number | undefined,
): number | undefined {
  let sum = 0;
  for (const answer of answers) {
    const value = answer.scores[0] === 'lost' ? undefined : measure(answer);
    if (value === undefined) return undefined;
    sum += value;
  }
  return answers.length === 0 ? undefined : sum / answers.length;
}
