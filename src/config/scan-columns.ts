import { HoneError } from '../base/errors.ts';
import { ownOf } from '../base/own-property.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import { createColumnInference, type InferredColumn } from '../dataset/infer-column.ts';
import type { ColumnSpec } from '../signature/shorthand.ts';

/** What one pass over the rows says about their columns. */
export interface ColumnScan {
  readonly rows: number;
  /** The expected ones, in the order asked for. */
  readonly columns: readonly ColumnSpec[];
  /** The same, with what they were taken for and why. */
  readonly inferred: readonly InferredColumn[];
  readonly notices: readonly string[];
}

/**
 * Looks at every row once, in flat memory, to find out what the expected columns hold.
 *
 * @throws {HoneError} `HONE_FIELD_MISSING` naming the first row that lacks an input, and how to go on.
 */
export async function scanColumns(dataset: Dataset, names: readonly string[]): Promise<ColumnScan> {
  const columns = names.map((name) => ({ name, inference: createColumnInference(name) }));
  let rows = 0;
  for await (const example of dataset) {
    rows += 1;
    const row = `row ${rows}`;
    requireInputs(example, dataset, row);
    for (const { name, inference } of columns) inference.add(ownOf(example.expected ?? {}, name), row);
  }
  const inferred = columns.map(({ inference }) => inference.result());
  return {
    rows,
    columns: inferred.map(specOf),
    inferred,
    notices: inferred.flatMap(({ notices }) => notices),
  };
}

function requireInputs({ inputs }: Example, { inputColumns, name }: Dataset, row: string): void {
  const missing = inputColumns.filter((column) => ownOf(inputs, column) === undefined);
  if (missing.length === 0) return;
  const columns = missing.map((column) => `“${column}”`).join(', ');
  throw new HoneError(`${name}, ${row}, has no ${columns}, which other rows have.`, {
    code: 'HONE_FIELD_MISSING',
    hint: `Let the prompt see an empty text there with --missing-as-empty, or name the columns that it sees: --inputs ${inputColumns.filter((column) => !missing.includes(column)).join(',')}`,
    facts: { file: name, row, columns: missing },
  });
}

function specOf({ name, kind, choices }: InferredColumn): ColumnSpec {
  if (choices !== undefined) return { name, choices };
  return { name, type: kind === 'text' || kind === 'choice' ? 'string' : kind };
}
