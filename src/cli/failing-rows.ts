import { HoneError } from '../base/errors.ts';
import { chooseRows } from '../config/choose-rows.ts';
import type { Task } from '../config/task.ts';
import type { Workspace } from '../config/workspace.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { createRowGate } from '../dataset/unique-ids.ts';
import { openNamedExperiment } from './open-experiment.ts';
import type { EvalOptions } from './options.ts';

/**
 * The task with the rows alone that were not right in an experiment: below 1 by the scorer that counts in any trial,
 * failed, or lost. `--first` and `--sample` choose among them.
 *
 * @throws {HoneError} `HONE_RUN_NOT_FOUND` for no such experiment; `HONE_DATASET_EMPTY` where every row was right, or
 *   none of those that were not is among the rows of the task.
 */
export async function withFailingRows(
  task: Task,
  { failing, first, sample }: EvalOptions,
  workspace: Workspace,
): Promise<Task> {
  if (failing === undefined) return task;
  const experiment = await openNamedExperiment(failing, workspace);
  const ids = new Set<string>();
  for await (const { id, scores, failed } of experiment.rows({ hashInputs: false })) {
    const [score] = scores;
    if (failed || score === 'lost' || (typeof score === 'number' && score < 1)) ids.add(id);
  }
  if (ids.size === 0) throw none(`Every row of ${experiment.name} (${experiment.id}) was right.`);
  const chosen = onlyRows(task.allRows, ids);
  let rows = 0;
  for await (const _ of chosen) rows += 1;
  if (rows === 0) {
    throw none(
      `None of the ${ids.size} rows that were not right in ${experiment.name} (${experiment.id}) is among the rows of ${task.name}.`,
    );
  }
  return {
    ...task,
    dataset: await chooseRows(chosen, { first, sample, seed: task.seed }),
    rows: Math.min(rows, first ?? rows, sample ?? rows),
  };
}

/** By the ids under which an evaluation keeps them. */
function onlyRows(dataset: Dataset, ids: ReadonlySet<string>): Dataset {
  return {
    ...dataset,
    async *[Symbol.asyncIterator]() {
      const gate = createRowGate(dataset.name);
      for await (const row of dataset) {
        const example = gate.admit(row);
        if (ids.has(example.id)) yield example;
      }
    },
  };
}

function none(message: string): HoneError {
  return new HoneError(message, {
    code: 'HONE_DATASET_EMPTY',
    hint: 'Leave --failing out, or name another experiment: hone experiments.',
  });
}
