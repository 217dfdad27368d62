import { HoneError } from '../base/errors.ts';
import type { Example } from './dataset.ts';
import { createRowIds } from './row-ids.ts';

/** Rows on their way into a run: each has a form that can be run, and an id of its own. */
export interface RowGate {
  /**
   * The row, renamed (`7` → `7-2`) where an earlier one has its id: results are kept by id, so two rows of one id
   * would be one.
   *
   * @throws {HoneError} `HONE_DATASET_INVALID` for what is no row.
   */
  admit(example: Example): Example;
  /** Says how many rows were renamed, if any were. */
  notice(): string | undefined;
}

/**
 * One gate for each pass over rows, in flat memory (see {@link createRowIds}).
 *
 * @param name Of the dataset, for messages.
 */
export function createRowGate(name: string): RowGate {
  const ids = createRowIds();
  let row = 0;
  let renamed = 0;
  let first = '';
  return {
    admit(example) {
      row += 1;
      checkRow(example, `${name}, row ${row}`);
      const id = ids.ofColumn(example.id);
      if (id === example.id) return example;
      renamed += 1;
      if (renamed === 1) first = `the first one from “${example.id}” to “${id}”`;
      return { ...example, id };
    },
    notice() {
      if (renamed === 0) return undefined;
      return renamed === 1
        ? `1 row has the id of an earlier one and was renamed, ${first.replace('the first one ', '')}.`
        : `${renamed} rows have the id of an earlier one and were renamed, ${first}.`;
    },
  };
}

function checkRow(example: Example, place: string): void {
  const problem = problemOf(example);
  if (problem === undefined) return;
  throw new HoneError(`${place}: ${problem}.`, {
    code: 'HONE_DATASET_INVALID',
    hint: 'Make examples of plain rows with loadDataset(rows, { expected: [...] }); an example has an id, inputs and, with a label, expected.',
  });
}

function problemOf(example: unknown): string | undefined {
  if (!isRecord(example)) return 'this is no example';
  const { id, inputs, expected, metadata, group } = example;
  if (typeof id !== 'string' || id === '') return 'the example has no id, or one that is no text';
  if (!isRecord(inputs)) return 'the example has no inputs by name';
  if (expected !== undefined && !isRecord(expected)) return '`expected` holds no values by name';
  if (metadata !== undefined && !isRecord(metadata)) return '`metadata` holds no values by name';
  if (group !== undefined && typeof group !== 'string') return '`group` is no text';
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
