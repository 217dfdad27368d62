import { HoneError } from '../../base/errors.ts';
import type { DatasetSplit, Example } from '../../dataset/dataset.ts';
import { requireEveryRole, splitDataset } from '../../dataset/split.ts';
import type { TaskSize } from '../optimizer.ts';
import { fewestRowsForCrossFit, searchesOfCrossFit } from './cross-fit.ts';
import type { PlannedOptions } from './optimize-options.ts';
import type { PreparedTask } from './prepare.ts';

/** Fewest labelled rows that are split once; below, every row is tested by cross-fitting. */
export const fewestRowsForHeldOut = 80;

/** How the rows are used. */
export interface RunPlan {
  readonly method: 'held-out' | 'cross-fit' | 'development-only';
  readonly split: DatasetSplit;
  readonly examples: readonly Example[];
  /** Rows that the proof answers with each side. */
  readonly proofRows: number;
  /** Times that the seed answers them: 2 where it is tested with calibrated answers too. */
  readonly seedTests: number;
  readonly notices: readonly string[];
}

/** Enough rows are split once. Fewer are cross-fitted if the budget holds six searches, else only searched. */
export function planRun<Inputs, Outputs>(
  task: PreparedTask,
  options: PlannedOptions<Inputs, Outputs>,
): RunPlan {
  const { shares = [0.5, 0.25, 0.25], randomSeed: seed = 1 } = options;
  requireEveryRole(shares);
  const { examples } = task;
  if (examples.length >= fewestRowsForHeldOut) {
    const split = splitDataset(examples, { seed, shares });
    const notices = [...task.notices, ...split.notices];
    const { program, model } = options;
    const isCalibrated =
      model.capabilities.choiceScores && program.shape.steps.some(({ choice }) => choice !== undefined);
    const seedTests = isCalibrated ? 2 : 1;
    return { method: 'held-out', split, examples, proofRows: split.test.length, seedTests, notices };
  }
  const whole = splitDataset(examples, { seed, shares: [2 / 3, 1 / 3, 0] });
  const size = taskSize(whole, options);
  const calls =
    searchesOfCrossFit * (options.optimizer.estimate(size).task + 4 * size.validation * size.callsPerRow);
  const fits =
    calls + 2 * examples.length * size.callsPerRow <= (options.budget?.calls ?? Number.POSITIVE_INFINITY);
  const isEnough = examples.length >= fewestRowsForCrossFit;
  const method = fits && isEnough ? 'cross-fit' : 'development-only';
  return {
    method,
    split: whole,
    examples,
    proofRows: method === 'cross-fit' ? examples.length : 0,
    seedTests: 1,
    notices: [...task.notices, ...whole.notices],
  };
}

export function taskSize<Inputs, Outputs>(
  split: DatasetSplit,
  options: PlannedOptions<Inputs, Outputs>,
): TaskSize {
  const { program, model } = options;
  return {
    train: split.train.length,
    validation: split.validation.length,
    test: split.test.length,
    callsPerRow: program.calls(program.seed).typical,
    program: program.shape,
    choiceScores: model.capabilities.choiceScores,
  };
}

export function checkBudget(fits: boolean, plan: RunPlan, size: TaskSize): void {
  if (fits) return;
  const needed =
    (4 * plan.split.validation.length + (1 + plan.seedTests) * plan.proofRows) * size.callsPerRow;
  throw new HoneError(
    `The budget cannot hold the seed's score on ${plan.split.validation.length} validation rows, the confirmation of three candidates and the sealed test of ${plan.proofRows} rows.`,
    {
      code: 'HONE_BUDGET_EXHAUSTED',
      hint: `Give at least ${needed} calls (--max-calls ${needed}), or fewer rows.`,
    },
  );
}
