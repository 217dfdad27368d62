import { collectExamples, toDataset } from '../dataset/collect.ts';
import type { Dataset } from '../dataset/dataset.ts';

export interface ChooseRowsOptions {
  /** Only the first rows. */
  readonly first?: number | undefined;
  /** Only so many rows, drawn by the seed, after `first`. */
  readonly sample?: number | undefined;
  readonly seed: number;
}

/** The rows that flags ask for, read only as far as needed. */
export async function chooseRows(
  dataset: Dataset,
  { first, sample, seed }: ChooseRowsOptions,
): Promise<Dataset> {
  const leading = first === undefined ? dataset : firstRows(dataset, first);
  if (sample === undefined) return leading;
  const { examples } = await collectExamples(leading, { limit: sample, seed });
  return {
    ...toDataset(examples, dataset.name),
    file: dataset.file,
    notices: dataset.notices,
    inputColumns: dataset.inputColumns,
    expectedColumns: dataset.expectedColumns,
  };
}

function firstRows(dataset: Dataset, count: number): Dataset {
  const { name, file, inputColumns, expectedColumns, notices } = dataset;
  return {
    name,
    file,
    inputColumns,
    expectedColumns,
    notices,
    async *[Symbol.asyncIterator]() {
      let taken = 0;
      for await (const example of dataset) {
        yield example;
        taken += 1;
        if (taken >= count) return;
      }
    },
  };
}
