import type { DatasetSplit, Example } from '../../dataset/dataset.ts';
import { priceOfModel } from '../../model/pricing.ts';
import { isUnscored } from '../../scorer/unscored.ts';
import type { TaskSize } from '../optimizer.ts';
import { type Amounts, plus, times, tooMuch } from './amounts.ts';
import { createRunBudget } from './budget.ts';
import { estimateOf } from './check-optimizer.ts';
import { searchesOfCrossFit } from './cross-fit.ts';
import { callsOf } from './engine.ts';
import type { PlannedOptions } from './optimize-options.ts';
import { planRoles, planRows, type RowPlan } from './plan-rows.ts';
import type { PreparedTask } from './prepare.ts';
import { confirmedCandidates } from './reserve.ts';
import { createRowCosts, type RowCosts } from './row-costs.ts';

/** How the rows are used. */
export interface RunPlan extends Omit<RowPlan, 'testRows'> {
  readonly examples: readonly Example[];
  /** Rows that the proof answers with each side. */
  readonly proofRows: number;
}

/** Decides which rows are for what; every row is cross-fitted only where the budget holds six searches. */
export function planRun<Inputs, Outputs>(
  task: PreparedTask,
  options: PlannedOptions<Inputs, Outputs>,
): RunPlan {
  const { examples, roles, scorers } = task;
  const { shares, randomSeed: seed = 1 } = options;
  const passFail = scorers[0]?.passFail ?? false;
  const { testRows, notices, ...plan } =
    roles !== undefined
      ? planRoles(roles, { passFail })
      : planRows(examples, {
          seed,
          shares,
          passFail,
          reasonAgainstCrossFit: (whole) => reasonAgainstCrossFit(whole, examples, options),
        });
  if (!scorers.every(isUnscored)) {
    return { ...plan, examples, proofRows: testRows, notices: [...task.notices, ...notices] };
  }
  // What a test of scores could find says nothing of comparisons.
  return {
    ...plan,
    smallestDifference: undefined,
    examples,
    proofRows: testRows,
    notices: [...task.notices, ...plan.split.notices],
  };
}

function reasonAgainstCrossFit<Inputs, Outputs>(
  whole: DatasetSplit,
  examples: readonly Example[],
  options: PlannedOptions<Inputs, Outputs>,
): string | undefined {
  const { optimizer, fresh, program, budget = {} } = options;
  if ([options.scorer].flat().every(isUnscored)) return 'answers are compared on rows of their own';
  if (fresh === undefined) {
    return `each fold needs an optimizer that remembers nothing of the others, and "${optimizer.name}" cannot be made anew (give a function that makes it)`;
  }
  const size = taskSize(whole, options);
  const { task, reflection } = estimateOf(optimizer, size);
  const costs = createRunCosts(options, examples);
  const rowsOfSearch = task / size.callsPerRow + (1 + confirmedCandidates) * size.validation;
  const rows = searchesOfCrossFit * rowsOfSearch + 2 * examples.length;
  const needed = plus(
    times(costs.typical(program.seed), rows),
    times(costs.ask(), searchesOfCrossFit * reflection),
  );
  const limit = tooMuch(needed, createRunBudget(budget).left());
  return limit === undefined ? undefined : `six searches may take ${amountOf(limit, needed)}`;
}

function amountOf(limit: keyof Amounts, needed: Amounts): string {
  switch (limit) {
    case 'usd':
      return `${Number(needed.usd.toPrecision(2))} dollars`;
    case 'reflectionCalls':
      return `${Math.ceil(needed.reflectionCalls)} calls for reflection`;
    default:
      return `${Math.ceil(needed[limit])} ${limit}`;
  }
}

/** What rows take before any was answered. */
export function createRunCosts<Inputs, Outputs>(
  options: Pick<PlannedOptions<Inputs, Outputs>, 'program' | 'model' | 'reflectionModel'>,
  examples: readonly Example[],
): RowCosts {
  const { program, model, reflectionModel } = options;
  return createRowCosts({
    program: program.shape,
    calls: callsOf(options),
    examples,
    price: priceOfModel(model),
    reflectionPrice: reflectionModel && priceOfModel(reflectionModel),
  });
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
    reflects: options.reflectionModel !== undefined,
  };
}
