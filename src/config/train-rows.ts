import type { Example } from '../dataset/dataset.ts';
import type { Model } from '../model/model.ts';
import { planRoles, planRows } from '../optimizer/driver/plan-rows.ts';
import { prepareTask, withOptimizer } from '../optimizer/driver/prepare.ts';
import type { Store } from '../store/store.ts';
import { createOptimizer } from './catalog.ts';
import type { Task } from './task.ts';

/** The rows that may be looked at while a prompt is written, and how many may not. */
export interface TrainRows {
  readonly train: readonly Example[];
  /** Id of a row → what it counts once with. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly validation: number;
  readonly test: number;
  /** Whether an optimization keeps rows for a sealed test; with fewer it tests every row, or none. */
  readonly isTestKept: boolean;
  readonly notices: readonly string[];
}

/** Rows are divided without a model, so one that is not here yet hides none of them. */
const nobody: Model = {
  id: 'none',
  endpoint: 'none',
  capabilities: {
    choiceScores: false,
    tokenScores: false,
    jsonSchema: false,
    tools: false,
    completion: false,
  },
  generate: () => Promise.reject(new TypeError('Nobody is asked while rows are divided.')),
};

/**
 * The rows that an optimization of this task trains on: whatever search it is and whatever it may spend, it seals none
 * of them. Reads the rows, calls nothing.
 *
 * @throws {HoneError} As an optimization of it would: rows that cannot be divided, a program that is at fault.
 */
export async function trainRows(
  task: Pick<Task, 'program' | 'dataset' | 'roles' | 'scorers' | 'seed'>,
  store: Store,
): Promise<TrainRows> {
  const { program, scorers: scorer, roles, seed } = task;
  const dataset = roles ?? task.dataset;
  const optimizer = createOptimizer('auto');
  const options = withOptimizer({
    program,
    dataset,
    scorer,
    optimizer,
    model: nobody,
    store,
    randomSeed: seed,
  });
  const prepared = await prepareTask(options);
  const passFail = scorer[0]?.passFail ?? false;
  const { method, split } =
    prepared.roles !== undefined
      ? planRoles(prepared.roles, { passFail })
      : planRows(prepared.examples, {
          seed,
          passFail,
          // Cross-fitting would seal nothing, and whether it can be afforded is not known yet.
          reasonAgainstCrossFit: () => 'nothing is searched here',
        });
  return {
    train: split.train,
    clusters: split.clusters,
    validation: split.validation.length,
    test: split.test.length,
    isTestKept: method === 'held-out',
    notices: prepared.notices,
  };
}
