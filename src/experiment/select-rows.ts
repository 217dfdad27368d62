import type { ComparedRow, RowChange } from './experiment.ts';

/** `delta`: losses first. `gain`: gains first. `cost`, `latency`: what got dearer or slower most first. */
export const rowOrders = ['delta', 'gain', 'cost', 'latency'] as const;
export type RowOrder = (typeof rowOrders)[number];

/** What of the rows to show; `failed` are those whose answer in the challenger could not be used. */
export const rowKinds = ['improved', 'regressed', 'unchanged', 'error', 'unscored', 'failed'] as const;
export type RowKind = (typeof rowKinds)[number];

export interface RowSelection {
  /** @default the rows that changed or were lost */
  readonly kinds?: readonly RowKind[] | undefined;
  /** @default 'delta' */
  readonly order?: RowOrder | undefined;
}

const changed: readonly RowKind[] = ['regressed', 'error', 'improved'];

/** The rows of these kinds in this order; equal ones stay in the order of the baseline. */
export function selectRows(
  rows: readonly ComparedRow[],
  { kinds = changed, order = 'delta' }: RowSelection = {},
): readonly ComparedRow[] {
  const wanted = new Set<RowKind>(kinds);
  return rows
    .filter((row) => wanted.has(row.change) || (wanted.has('failed') && row.challenger.failed))
    .sort((a, b) => rankOf(a, order) - rankOf(b, order));
}

/** Rows without a score stand between losses and gains. */
function rankOf(row: ComparedRow, order: RowOrder): number {
  const { baseline, challenger, delta = 0 } = row;
  switch (order) {
    case 'delta':
      return delta;
    case 'gain':
      return -delta;
    case 'cost':
      return (baseline.costUsd ?? 0) - (challenger.costUsd ?? 0);
    case 'latency':
      return baseline.latencyMs - challenger.latencyMs;
  }
}

/** The kinds that each count is of, in the order of reading. */
export const changeOrder: readonly RowChange[] = ['improved', 'regressed', 'unchanged', 'error', 'unscored'];
