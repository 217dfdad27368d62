import type { Json } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import type { RowResult } from '../evaluation/evaluation.ts';
import { csvCell } from './csv-cell.ts';

/** An answered row with the row of the dataset that it answers. */
export interface NumberedResult {
  readonly result: RowResult;
  /** Its place among all rows of the dataset, from 1; undefined where it is not among them any more. */
  readonly row?: number | undefined;
  readonly example?: Example | undefined;
}

/** How the rows of an evaluation are written, one after the other, so that any number of them fits. */
export interface RowFormat {
  /** What stands before the first row, with its line break. */
  readonly header: string;
  /** One row without its line break. */
  line(row: NumberedResult): string;
}

/**
 * The results with the rows that they answer. Results come in the order of the dataset, so one pass over it is
 * enough, whatever the number of rows.
 *
 * @param dataset All rows, also those that were not evaluated, so that the numbers are those of the file.
 */
export async function* numberResults(
  results: AsyncIterable<RowResult>,
  dataset: AsyncIterable<Example>,
): AsyncGenerator<NumberedResult, void, void> {
  const examples = dataset[Symbol.asyncIterator]();
  let row = 0;
  let example: Example | undefined;
  let isOver = false;
  try {
    for await (const result of results) {
      while (!isOver && example?.id !== result.exampleId) {
        const next = await examples.next();
        isOver = next.done === true;
        example = next.done ? undefined : next.value;
        row += 1;
      }
      yield isOver ? { result } : { result, row, example };
    }
  } finally {
    await examples.return?.();
  }
}

/** One JSON document a line: the result as stored, with the number and the inputs of its row. */
export const rowsAsJsonLines: RowFormat = {
  header: '',
  line: ({ result, row, example }) => JSON.stringify({ row, inputs: example?.inputs, ...result }),
};

const before = ['row', 'id', 'trial', 'status', 'score'];
const after = ['expected', 'answer', 'feedback', 'cost_usd', 'latency_ms'];

/** One row a line for a spreadsheet, each input in a column of its own. */
export function rowsAsCsv(inputColumns: readonly string[]): RowFormat {
  const taken = new Set([...before, ...after]);
  const inputs = inputColumns.map((name) => (taken.has(name) ? `input.${name}` : name));
  return {
    header: `${[...before, ...inputs, ...after].map(csvCell).join(',')}\n`,
    line: (row) => csvRow(row, inputColumns),
  };
}

function csvRow({ result, row, example }: NumberedResult, inputColumns: readonly string[]): string {
  const { exampleId, trial, outcome, expected, outputs, usage } = result;
  const feedback = 'feedback' in outcome ? outcome.feedback : 'reason' in outcome ? outcome.reason : '';
  return [
    row ?? '',
    exampleId,
    trial,
    outcome.status,
    'value' in outcome ? outcome.value : '',
    ...inputColumns.map((name) => valueText(example?.inputs[name])),
    cellText(expected),
    cellText(outputs),
    feedback ?? '',
    usage.costUsd ?? '',
    usage.latencyMs,
  ]
    .map(csvCell)
    .join(',');
}

function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cellText(values: RowResult['outputs']): string {
  return values === undefined ? '' : JSON.stringify(values);
}
