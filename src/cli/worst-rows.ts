import type { Dataset, Example } from '../dataset/dataset.ts';
import { createRowGate } from '../dataset/unique-ids.ts';
import type { Evaluation, RowResult } from '../evaluation/evaluation.ts';
import type { WorstRow } from '../report/report.ts';

const shown = 5;

/** The lowest rows that are not perfect, in one pass over the results and one over the rows. */
export async function findWorstRows(evaluation: Evaluation, dataset: Dataset): Promise<readonly WorstRow[]> {
  let worst: RowResult[] = [];
  for await (const result of evaluation.results()) {
    if (scoreOf(result) >= 1) continue;
    worst.push(result);
    if (worst.length >= 20 * shown) worst = lowest(worst);
  }
  const results = lowest(worst);
  const examples = await findExamples(dataset, new Set(results.map(({ exampleId }) => exampleId)));
  return results.map((result) => ({ result, example: examples.get(result.exampleId) }));
}

/** Stable, so that of equal scores the first rows are shown. */
function lowest(results: readonly RowResult[]): RowResult[] {
  return [...results].sort((a, b) => scoreOf(a) - scoreOf(b)).slice(0, shown);
}

/** Rows without a score come after all others: they say nothing about the prompt. */
function scoreOf({ outcome }: RowResult): number {
  return 'value' in outcome ? outcome.value : 1 - Number.EPSILON;
}

async function findExamples(
  dataset: Dataset,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Example>> {
  const found = new Map<string, Example>();
  if (ids.size === 0) return found;
  const gate = createRowGate(dataset.name);
  for await (const row of dataset) {
    const example = gate.admit(row);
    if (ids.has(example.id)) found.set(example.id, example);
    if (found.size === ids.size) break;
  }
  return found;
}
