import { createRandom } from '../base/random.ts';
import { mean, standardDeviation } from '../evaluation/statistics/mean.ts';
import { scoreInterval } from '../evaluation/statistics/score-interval.ts';
import type { IndexedRow, RowIndex } from './row-index.ts';
import { type RowLine, type RowPage, type RowStatus, rowStatuses, type SlicedField } from './views.ts';

export const rowOrders = ['failures', 'stored', 'score', 'latency', 'cost'] as const;
export type RowOrder = (typeof rowOrders)[number];

export interface RowQuery {
  /** Rows that hold every word of it. */
  readonly q?: string | undefined;
  readonly status?: readonly RowStatus[] | undefined;
  /** `field:value` */
  readonly slice?: string | undefined;
  /** `failures`: what went wrong first. `score`: lowest first. `latency`, `cost`: most first. */
  readonly sort: RowOrder;
  readonly from: number;
  readonly limit: number;
}

/** One page of the rows that pass. */
export function pageOf(index: RowIndex, query: RowQuery): RowPage {
  const matching = lastMatching(index, query);
  return {
    total: index.rows.length,
    matched: matching.length,
    from: query.from,
    rows: matching.slice(query.from, query.from + query.limit).map(lineOf),
  };
}

const lastMatches = new WeakMap<RowIndex, { readonly key: string; readonly rows: readonly IndexedRow[] }>();

/** Pages of one question follow each other: its rows are sorted once. */
function lastMatching(index: RowIndex, { q, status, slice, sort }: RowQuery): readonly IndexedRow[] {
  const key = JSON.stringify([index.rows.length, index.answers, q, status, slice, sort]);
  const known = lastMatches.get(index);
  if (known?.key === key) return known.rows;
  const rows = matchingRows(index.rows, { q, status, slice, sort });
  lastMatches.set(index, { key, rows });
  return rows;
}

/** All rows that pass, in their order. */
export function matchingRows(
  rows: readonly IndexedRow[],
  { q, status, slice, sort }: Pick<RowQuery, 'q' | 'status' | 'slice' | 'sort'>,
): readonly IndexedRow[] {
  const words = (q ?? '').toLowerCase().split(/\s+/u).filter(Boolean);
  const cut = slice?.indexOf(':') ?? -1;
  const [field, value] = slice === undefined || cut < 0 ? [] : [slice.slice(0, cut), slice.slice(cut + 1)];
  const found = rows.filter(
    (row) =>
      (status === undefined || status.includes(row.status)) &&
      (field === undefined || row.fields[field] === value) &&
      words.every((word) => row.text.includes(word)),
  );
  if (sort === 'stored') return found;
  // Each rank once: a comparison of a hundred thousand rows asks for it more than a million times.
  return found
    .map((row) => ({ row, rank: rankOf(row, sort) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);
}

/** Equal ones stay in the order of storing: sorting is stable. */
function rankOf(row: IndexedRow, order: RowOrder): number {
  switch (order) {
    case 'failures':
      return failureRank[row.status] * 2 + (meanOf(row.trials) ?? 1);
    case 'score':
      return meanOf(row.trials) ?? 2;
    case 'latency':
      return -row.latencyMs;
    case 'cost':
      return -(row.costUsd ?? 0);
    case 'stored':
      return 0;
  }
}

const failureRank: Readonly<Record<RowStatus, number>> = {
  lost: 0,
  failed: 1,
  wrong: 2,
  partial: 3,
  unscored: 4,
  right: 5,
};

function lineOf(row: IndexedRow): RowLine {
  const { id, status, trials, input, output, expected, latencyMs, costUsd, isCached } = row;
  return {
    id,
    status,
    trials: [...trials].map((value) => value ?? null),
    scores: row.scores.map(meanOf),
    input,
    output,
    expected,
    // Of one answer, where a row has several.
    latencyMs: latencyMs / Math.max(1, trials.length),
    costUsd: costUsd === undefined ? undefined : costUsd / Math.max(1, trials.length),
    isCached,
  };
}

function meanOf(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value): value is number => typeof value === 'number');
  return known.length === 0 ? null : mean(known);
}

export function countStatuses(rows: readonly IndexedRow[]): Readonly<Record<RowStatus, number>> {
  const counts = Object.fromEntries(rowStatuses.map((status) => [status, 0])) as Record<RowStatus, number>;
  for (const { status } of rows) counts[status] += 1;
  return counts;
}

/** Values that a field may have and still be a way to divide rows. */
const mostSlices = 12;
const mostFields = 6;

/** The score by each value of every field that has few of them. */
export function slicedFields(rows: readonly IndexedRow[]): readonly SlicedField[] {
  const groups = new Map<string, Map<string, IndexedRow[]> | 'too many'>();
  for (const row of rows) {
    for (const field in row.fields) {
      const values = groups.get(field) ?? new Map<string, IndexedRow[]>();
      if (values === 'too many') continue;
      const value = row.fields[field] ?? '';
      const of = values.get(value) ?? [];
      of.push(row);
      values.set(value, of);
      groups.set(field, values.size > mostSlices ? 'too many' : values);
    }
  }
  return [...groups]
    .flatMap(([field, values]) => (values === 'too many' || values.size < 2 ? [] : [{ field, values }]))
    .slice(0, mostFields)
    .map(({ field, values }) => ({
      field,
      slices: [...values]
        .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
        .map(([value, of]) => ({ value, rows: of.length, ...figuresOf(of, `${field}/${value}`) })),
    }));
}

/** Mean and 95 % interval of the first scorer over rows, trials averaged first. */
export function figuresOf(rows: readonly IndexedRow[], label: string) {
  const values = rows.map(({ trials }) => meanOf(trials)).filter((value) => value !== null);
  if (values.length === 0) return {};
  const { interval } = scoreInterval({
    rows: values.length,
    mean: mean(values),
    standardDeviation: values.length < 2 ? 0 : standardDeviation(values),
    isBinary: values.every((value) => value === 0 || value === 1),
    first: values.slice(0, 30),
    random: createRandom(`studio/${label}`),
  });
  return { mean: mean(values), interval };
}
