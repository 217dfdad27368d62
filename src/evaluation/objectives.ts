import type { ObjectiveSummary, RowResult } from './evaluation.ts';
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

/** Cost, latency and tokens of every row that was answered, then what the first scorer measures. */
export function createObjectives(): Objectives {
  const cost: Total = { sum: 0, rows: 0 };
  const latency: Total = { sum: 0, rows: 0 };
  const tokens: Total = { sum: 0, rows: 0 };
  const own = new Map<string, Total>();
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
      for (const [name, values] of measuresOf(answered)) {
        const total = own.get(name) ?? { sum: 0, rows: 0 };
        own.set(name, total);
        count(total, values);
      }
    },
    summaries: () => [
      { name: 'cost', unit: 'usd', better: 'lower', ...meanOf(cost) },
      { name: 'latency', unit: 'ms', better: 'lower', ...meanOf(latency) },
      { name: 'tokens', unit: 'tokens', better: 'lower', ...meanOf(tokens) },
      ...[...own].map(([name, total]) => ({ name, better: 'higher' as const, ...meanOf(total) })),
    ],
  };
}

function meanOf({ sum, rows }: Total): Pick<ObjectiveSummary, 'rows' | 'mean'> {
  return { rows, ...(sum !== undefined && rows > 0 && { mean: sum / rows }) };
}

/** What a candidate is answerable for: a judge is no part of it. */
export function takenByCandidate({ usage: { requests } }: RowResult): {
  readonly costUsd: number | undefined;
  readonly tokens: number | undefined;
  readonly latencyMs: number;
} {
  let costUsd: number | undefined = 0;
  let tokens: number | undefined = 0;
  let latencyMs = 0;
  for (const request of requests) {
    if (request.role === 'judge') continue;
    costUsd = sumKnown(costUsd, request.costUsd);
    tokens = sumKnown(tokens, request.tokens);
    latencyMs += request.latencyMs;
  }
  return { costUsd, tokens, latencyMs };
}

function measuresOf(results: readonly RowResult[]): ReadonlyMap<string, readonly number[]> {
  const measures = new Map<string, number[]>();
  for (const { outcome } of results) {
    if (outcome.status !== 'scored') continue;
    for (const [name, value] of Object.entries(outcome.objectives ?? {})) {
      measures.set(name, [...(measures.get(name) ?? []), value]);
    }
  }
  return measures;
}
