import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { ownOf } from '../base/own-property.ts';
import type { Dataset, Example, RowRoles } from '../dataset/dataset.ts';
import { type LoadDatasetOptions, loadDataset } from '../dataset/load.ts';

/** Files with rows in their roles. */
export interface RoleFiles {
  readonly train: string;
  readonly validation: string;
  readonly test: string;
}

/** Which rows, and who decides what they are for. */
export interface RowsRequest {
  /** One file, whose rows are divided by Hone or by `splitColumn`; or a file for each role. */
  readonly file: string | RoleFiles;
  /** The column that says what a row is for: train, validation or test. */
  readonly splitColumn?: string | undefined;
  /** Whether the test may hold copies of rows that the search sees. @default false */
  readonly allowLeaks?: boolean | undefined;
}

export interface OpenedRows {
  /** Every row. */
  readonly dataset: Dataset;
  /** Where it is decided what each row is for. */
  readonly roles?: RowRoles | undefined;
  /** The files, as full paths. */
  readonly files: readonly string[];
}

const roleNames = ['train', 'validation', 'test'] as const;
type RoleName = (typeof roleNames)[number];

/** How people write the roles. */
const spellings: Readonly<Record<string, RoleName>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  development: 'validation',
  test: 'test',
  testing: 'test',
  holdout: 'test',
  'held-out': 'test',
};

/**
 * Opens the rows of a task.
 *
 * @param folder Where paths start.
 * @throws {HoneError} As `loadDataset`; `HONE_OPTION_INVALID` for roles that are given in two ways;
 *   `HONE_DATASET_INVALID` for a row of a role that is none.
 */
export async function openRows(
  { file, splitColumn, allowLeaks }: RowsRequest,
  { folder, options }: { readonly folder: string; readonly options: LoadDatasetOptions },
): Promise<OpenedRows> {
  const isDecided = typeof file !== 'string' || splitColumn !== undefined;
  if (allowLeaks === true && !isDecided) {
    throw new HoneError('Nothing can leak: Hone keeps equal and nearly equal rows on one side.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Leave --allow-leaks out; it is for rows whose roles you decide.',
    });
  }
  const used = [...(options.expected ?? []), ...(options.inputs ?? []), options.id, options.groupBy];
  if (splitColumn !== undefined && used.includes(splitColumn)) {
    throw new HoneError(
      `The column "${splitColumn}" cannot say what a row is for and something else as well.`,
      {
        code: 'HONE_OPTION_INVALID',
        hint: 'Name another column in --split-column.',
      },
    );
  }
  if (typeof file === 'string') {
    const metadata = [...(options.metadata ?? []), ...(splitColumn === undefined ? [] : [splitColumn])];
    const dataset = await loadDataset(resolve(folder, file), { ...options, metadata, name: file });
    const files = [resolve(folder, file)];
    if (splitColumn === undefined) return { dataset, files };
    return { dataset, files, roles: { ...rolesByColumn(dataset, splitColumn), allowLeaks } };
  }
  if (splitColumn !== undefined) {
    throw new HoneError('The roles of the rows are given twice: by files and by a column.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give either a file for each role, or one file and --split-column.',
    });
  }
  const open = (role: RoleName) => loadDataset(resolve(folder, file[role]), { ...options, name: file[role] });
  const roles = {
    train: await open('train'),
    validation: await open('validation'),
    test: await open('test'),
  };
  return {
    dataset: together(roleNames.map((role) => roles[role])),
    roles: { ...roles, allowLeaks },
    files: roleNames.map((role) => resolve(folder, file[role])),
  };
}

/** Several files as one dataset; the columns are those of the first. */
function together(datasets: readonly Dataset[]): Dataset {
  const [first] = datasets;
  return {
    name: datasets.map(({ name }) => name).join(', '),
    inputColumns: first?.inputColumns ?? [],
    expectedColumns: first?.expectedColumns ?? [],
    notices: datasets.flatMap(({ notices = [] }) => notices),
    async *[Symbol.asyncIterator]() {
      for (const dataset of datasets) yield* dataset;
    },
  };
}

function rolesByColumn(dataset: Dataset, column: string): Readonly<Record<RoleName, Dataset>> {
  const roleOf = ({ metadata = {} }: Example, row: number): RoleName => {
    const written = String(ownOf(metadata, column) ?? '').trim();
    const role = ownOf(spellings, written.toLowerCase());
    if (role !== undefined) return role;
    throw new HoneError(`${dataset.name}, row ${row}: “${written}” in the column “${column}” is no role.`, {
      code: 'HONE_DATASET_INVALID',
      hint: 'Write train, validation or test in every row.',
      facts: { file: dataset.name, row, column },
    });
  };
  const of = (role: RoleName): Dataset => ({
    ...dataset,
    name: `${dataset.name} (${role})`,
    // Said once, by the dataset itself.
    notices: [],
    async *[Symbol.asyncIterator]() {
      let row = 0;
      for await (const example of dataset) {
        row += 1;
        if (roleOf(example, row) === role) yield example;
      }
    },
  });
  return { train: of('train'), validation: of('validation'), test: of('test') };
}
