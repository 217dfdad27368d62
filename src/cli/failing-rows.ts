import { HoneError } from '../base/errors.ts';
import { chooseRows } from '../config/choose-rows.ts';
import type { Task } from '../config/task.ts';
import type { Workspace } from '../config/workspace.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { createRowGate } from '../dataset/unique-ids.ts';
import { hashInputs } from '../experiment/stored-experiment.ts';
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
  const ids = new Map<string, string>();
  for await (const { id, input, scores, failed } of experiment.rows()) {
    const [score] = scores;
    if (failed || score === 'lost' || (typeof score === 'number' && score < 1)) ids.set(id, input);
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
  const missing = ids.size - rows;
  const notices =
    missing === 0
      ? chosen.notices
      : [
          ...(chosen.notices ?? []),
          `${missing} of the ${ids.size} rows that were not right in ${experiment.id} are not among the rows of ${task.name}, or ask something else now.`,
        ];
  return {
    ...task,
    dataset: await chooseRows({ ...chosen, notices }, { first, sample, seed: task.seed }),
    rows: Math.min(rows, first ?? rows, sample ?? rows),
  };
}

/** By the ids under which an evaluation keeps them, and what they asked: an id may mean another row by now. */
function onlyRows(dataset: Dataset, ids: ReadonlyMap<string, string>): Dataset {
  return {
    ...dataset,
    async *[Symbol.asyncIterator]() {
      const gate = createRowGate(dataset.name);
      for await (const row of dataset) {
        const example = gate.admit(row);
        if (ids.get(example.id) === hashInputs(example.inputs)) yield example;
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
