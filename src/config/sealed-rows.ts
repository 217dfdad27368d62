import type { JsonObject } from '../base/json.ts';
import type { Example } from '../dataset/dataset.ts';
import type { OptimizeOptions } from '../optimizer/driver/optimize-options.ts';
import { planRun } from '../optimizer/driver/plan-run.ts';
import { prepareTask, withOptimizer } from '../optimizer/driver/prepare.ts';

/**
 * The rows that an optimization with these options keeps for its sealed test, each with the columns that it was
 * read from. Empty where no rows are kept apart: every row is tested by cross-fitting, or none is.
 *
 * @param idColumn The column that identifies a row, where the rows have one.
 */
export async function sealedRows(
  options: OptimizeOptions<JsonObject, JsonObject>,
  idColumn: string | undefined,
): Promise<readonly JsonObject[]> {
  const given = withOptimizer(options);
  const plan = planRun(await prepareTask(given), given);
  if (plan.method !== 'held-out') return [];
  return asRows(plan.split.test, idColumn);
}

/** Rows with the columns that they were read from. */
export function asRows(examples: readonly Example[], idColumn: string | undefined): readonly JsonObject[] {
  return examples.map(({ id, inputs, expected, metadata }) => ({
    ...(idColumn !== undefined && { [idColumn]: id }),
    ...inputs,
    ...metadata,
    ...expected,
  }));
}
