import type { Store } from '../store/store.ts';
import type { StoredRow } from './row-index.ts';
import { textOf } from './row-index.ts';

/** What every candidate of a run scored on every row, and what it took: a few numbers each. */
export interface RunMatrix {
  /** By candidate, then by row; trials averaged. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly inputs: ReadonlyMap<string, string>;
  readonly costs: ReadonlyMap<string, { readonly answers: number; readonly usd: number | undefined }>;
  readonly calls: number;
  /** Undefined when a price is unknown. */
  readonly spentUsd: number | undefined;
}

export interface RunMatrices {
  /** Read once; of a run under way what has come since is added. */
  open(runId: string): Promise<RunMatrix>;
}

const mostMatrices = 4;
const previewLength = 120;

interface Growing {
  readonly scores: Map<string, Map<string, number>>;
  readonly trials: Map<string, number>;
  readonly inputs: Map<string, string>;
  readonly costs: Map<string, { answers: number; usd: number | undefined }>;
  calls: number;
  spentUsd: number | undefined;
  read: number;
}

export function createRunMatrices(store: Store): RunMatrices {
  const kept = new Map<string, Growing>();
  let last: Promise<unknown> = Promise.resolve();
  const grow = async (runId: string): Promise<RunMatrix> => {
    const matrix = kept.get(runId) ?? empty();
    for await (const { effect, candidate, example, outcome } of store.outcomes.read(runId, {
      from: matrix.read,
    })) {
      matrix.read += 1;
      // The store holds what this program wrote into it.
      const { usage, ...stored } = JSON.parse(outcome) as StoredRow;
      matrix.calls += usage.calls;
      matrix.spentUsd = sum(matrix.spentUsd, usage.spentUsd);
      if (effect === 'row') addRow(matrix, { candidate, example, stored, costUsd: usage.costUsd });
    }
    kept.delete(runId);
    kept.set(runId, matrix);
    for (const old of kept.keys()) {
      if (kept.size <= mostMatrices) break;
      kept.delete(old);
    }
    return matrix;
  };
  return {
    open(runId) {
      // One after another, so that two readers do not add the same rows twice.
      const next = last.catch(() => undefined).then(() => grow(runId));
      last = next;
      return next;
    },
  };
}

function empty(): Growing {
  return {
    scores: new Map(),
    trials: new Map(),
    inputs: new Map(),
    costs: new Map(),
    calls: 0,
    spentUsd: 0,
    read: 0,
  };
}

function addRow(
  { scores, trials, inputs, costs }: Growing,
  of: {
    readonly candidate: string;
    readonly example: string;
    readonly stored: Omit<StoredRow, 'usage'>;
    readonly costUsd: number | undefined;
  },
): void {
  const { candidate, example, stored, costUsd } = of;
  const cost = costs.get(candidate) ?? { answers: 0, usd: 0 };
  costs.set(candidate, { answers: cost.answers + 1, usd: sum(cost.usd, costUsd) });
  if (!inputs.has(example)) {
    const text = Object.values(stored.inputs ?? {})
      .map(textOf)
      .join(' · ')
      .replaceAll(/\s+/gu, ' ');
    inputs.set(example, text.length <= previewLength ? text : `${text.slice(0, previewLength - 1)}…`);
  }
  const { outcome } = stored;
  if (outcome.status !== 'scored' && outcome.status !== 'failed') return;
  const rows = scores.get(candidate) ?? new Map<string, number>();
  scores.set(candidate, rows);
  const key = `${candidate} ${example}`;
  const seen = trials.get(key) ?? 0;
  trials.set(key, seen + 1);
  rows.set(example, ((rows.get(example) ?? 0) * seen + outcome.value) / (seen + 1));
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
