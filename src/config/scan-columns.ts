import { closedChoices } from '../dataset/closed-choices.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import type { ColumnSpec } from '../signature/shorthand.ts';

/** What one pass over the rows says about the expected columns. */
export interface ColumnScan {
  readonly rows: number;
  /** In the order asked for: a closed choice, or the type that all values have. */
  readonly columns: readonly ColumnSpec[];
}

/** More different values than this are no closed choice, whatever their counts. */
const mostValues = 21;

/**
 * Looks at every row once, in flat memory, to find out what the expected columns hold: a closed choice (at
 * most 20 texts, each seen twice), numbers, booleans, other JSON, or free text.
 */
export async function scanColumns(dataset: Dataset, names: readonly string[]): Promise<ColumnScan> {
  const columns = names.map(createColumnScan);
  let rows = 0;
  for await (const example of dataset) {
    rows += 1;
    for (const column of columns) column.add(example);
  }
  return { rows, columns: columns.map((column) => column.spec()) };
}

function createColumnScan(name: string) {
  // Two rows of each value decide like all rows would.
  const witnesses: Example[] = [];
  const counts = new Map<unknown, number>();
  const types = new Set<NonNullable<ColumnSpec['type']>>();
  return {
    add(example: Example) {
      const value = example.expected?.[name];
      if (value === undefined || value === null) return;
      types.add(typeOf(value));
      const count = counts.get(value) ?? 0;
      if (count >= 2 || (count === 0 && counts.size >= mostValues)) return;
      counts.set(value, count + 1);
      witnesses.push(example);
    },
    spec(): ColumnSpec {
      const choices = closedChoices(witnesses, name);
      if (choices !== undefined) return { name, choices };
      const [only, another] = types;
      return { name, type: another === undefined ? only : types.has('json') ? 'json' : 'string' };
    },
  };
}

function typeOf(value: unknown): NonNullable<ColumnSpec['type']> {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value !== 'string') return 'json';
  // Tables hold numbers as text.
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value.trim()) ? 'number' : 'string';
}
