import type { SampleUsage } from '../scorer/scorer.ts';
import type { ObjectiveSummary, Outcome, RowResult } from './evaluation.ts';
import { takenByAnswer } from './row-usage.ts';
import { sumKnown } from './sum-known.ts';

/** Means of what answers take and are worth beside their score. */
export interface Objectives {
  /** The trials of one row. */
  add(trials: readonly RowResult[]): void;
  summaries(): readonly ObjectiveSummary[];
}

interface Total {
  sum: number | undefined;
  rows: number;
}

/**
 * Cost, latency and tokens of every row that was answered, then what the scorers measure beside their score: those of
 * the first by their names, those of others as `scorer.name`. A row whose answer could not be used counts with its fail
 * value there too: else a rate of valid answers would be that of the valid ones.
 */
export function createObjectives(): Objectives {
  const cost: Total = { sum: 0, rows: 0 };
  const latency: Total = { sum: 0, rows: 0 };
  const tokens: Total = { sum: 0, rows: 0 };
  const own = new Map<string, Total>();
  const failed = { sum: 0, rows: 0 };
  const count = (total: Total, values: readonly (number | undefined)[]) => {
    if (values.length === 0) return;
    total.rows += 1;
    const sum = values.reduce(sumKnown, 0);
    total.sum = sumKnown(total.sum, sum === undefined ? undefined : sum / values.length);
  };
  return {
    add(trials) {
      const answered = trials.filter(({ outcome }) => outcome.status !== 'infrastructure-error');
      const taken = answered.map(takenByCandidate);
      count(
        cost,
        taken.map(({ costUsd }) => costUsd),
      );
      count(
        latency,
        taken.map(({ latencyMs }) => latencyMs),
      );
      count(
        tokens,
        taken.map((each) => each.tokens),
      );
      const fails = answered.flatMap(({ outcome }) => (outcome.status === 'failed' ? [outcome.value] : []));
      if (fails.length > 0 && fails.length === answered.length) {
        failed.rows += 1;
        failed.sum += fails.reduce((sum, value) => sum + value, 0) / fails.length;
        return;
      }
      for (const [name, values] of measuresOf(answered)) {
        const total = own.get(name) ?? { sum: 0, rows: 0 };
        own.set(name, total);
        count(total, [...values, ...fails]);
      }
    },
    summaries: () => [
      { name: 'cost', unit: 'usd', better: 'lower', ...meanOf(cost) },
      { name: 'latency', unit: 'ms', better: 'lower', ...meanOf(latency) },
      { name: 'tokens', unit: 'tokens', better: 'lower', ...meanOf(tokens) },
      ...[...own].map(([name, total]) => ({
        name,
        better: 'higher' as const,
        ...meanOf({ sum: sumKnown(total.sum, failed.sum), rows: total.rows + failed.rows }),
      })),
    ],
  };
}

function meanOf({ sum, rows }: Total): Pick<ObjectiveSummary, 'rows' | 'mean'> {
  return { rows, ...(sum !== undefined && rows > 0 && { mean: sum / rows }) };
}

/** What a candidate is answerable for: a judge is no part of it. */
export function takenByCandidate({ usage }: RowResult): SampleUsage {
  return takenByAnswer(usage.requests);
}

function measuresOf(results: readonly RowResult[]): ReadonlyMap<string, readonly number[]> {
  const measures = new Map<string, number[]>();
  const add = (outcome: Outcome, prefix: string) => {
    if (outcome.status !== 'scored') return;
    for (const [name, value] of Object.entries(outcome.objectives ?? {})) {
      const values = measures.get(prefix + name) ?? [];
      measures.set(prefix + name, values);
      values.push(value);
    }
  };
  for (const { outcome, others = {} } of results) {
    add(outcome, '');
    for (const [scorer, other] of Object.entries(others)) add(other, `${scorer}.`);
  }
  return measures;
}
