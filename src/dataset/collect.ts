import { createRandom } from '../base/random.ts';
import type { Dataset, Example } from './dataset.ts';
import { emptyDataset } from './dataset-errors.ts';
import { createRowGate } from './unique-ids.ts';

export interface CollectOptions {
  /** Most rows to hold in memory. @default 10_000 */
  readonly limit?: number | undefined;
  /** Decides which rows a larger dataset contributes. @default 0 */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CollectedExamples {
  /** In the order of the dataset. */
  readonly examples: readonly Example[];
  /** How many rows the dataset has. */
  readonly rows: number;
  /** What the dataset says of itself; that rows were left out or renamed, if any were. */
  readonly notices: readonly string[];
}

/**
 * Reads a dataset into memory: all of it, or a uniform sample where it has more rows than the limit. A row with the id
 * of an earlier one is renamed (`7` → `7-2`).
 *
 * @throws {HoneError} `HONE_DATASET_EMPTY` when there are no rows; `HONE_DATASET_INVALID` for one that is no example.
 * @see Vitter 1985, "Random Sampling with a Reservoir", algorithm R. https://doi.org/10.1145/3147.3165
 */
export async function collectExamples(
  dataset: Dataset | Iterable<Example>,
  { limit = 10_000, seed = 0, signal }: CollectOptions = {},
): Promise<CollectedExamples> {
  const random = createRandom(seed).fork('collect-examples');
  const sample: { readonly row: number; readonly example: Example }[] = [];
  const name = 'name' in dataset ? dataset.name : 'The dataset';
  const gate = createRowGate(name);
  let rows = 0;
  for await (const given of dataset) {
    signal?.throwIfAborted();
    const example = gate.admit(given);
    if (rows < limit) {
      sample.push({ row: rows, example });
    } else {
      const place = random.integer(rows + 1);
      if (place < limit) sample[place] = { row: rows, example };
    }
    rows += 1;
  }
  if (rows === 0) throw emptyDataset(name);
  sample.sort((first, second) => first.row - second.row);
  const notices = [
    ...('notices' in dataset ? (dataset.notices ?? []) : []),
    rows > limit ? `${name} has ${rows} rows; a seeded sample of ${limit} of them is used.` : undefined,
    gate.notice(),
  ].filter((notice) => notice !== undefined);
  return { examples: sample.map(({ example }) => example), rows, notices };
}

/** Rows in memory as a dataset. */
export function toDataset(examples: readonly Example[], name = 'the dataset'): Dataset {
  const keysOf = (part: (example: Example) => object | undefined) => [
    ...new Set(examples.flatMap((example) => Object.keys(part(example) ?? {}))),
  ];
  return {
    name,
    inputColumns: keysOf(({ inputs }) => inputs),
    expectedColumns: keysOf(({ expected }) => expected),
    async *[Symbol.asyncIterator]() {
      yield* examples;
    },
  };
}
