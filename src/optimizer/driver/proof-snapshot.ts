import type { Dataset } from '../../dataset/dataset.ts';
import { createDatasetHasher, type ProofSnapshot, snapshotOf } from '../../evaluation/snapshot.ts';
import type { FittedPlan } from './fit-plan.ts';
import type { OptimizeOptions } from './optimize-options.ts';
import type { PreparedTask } from './prepare.ts';
import type { OptimizationReport } from './report.ts';

/**
 * What the sealed test of a run measured, so that its sides can stand beside other experiments. Undefined without a
 * test, and for a cross-fit, whose folds tested a winner each.
 */
export function proofSnapshot<Inputs, Outputs>(
  { sealedTest, seed, best }: OptimizationReport,
  {
    options: { dataset, model, models, origin },
    task,
    plan,
  }: {
    readonly options: OptimizeOptions<Inputs, Outputs>;
    readonly task: PreparedTask;
    readonly plan: FittedPlan;
  },
): ProofSnapshot | undefined {
  if (sealedTest === undefined || plan.method !== 'held-out') return undefined;
  const { test } = plan.split;
  const hasher = createDatasetHasher();
  for (const example of test) hasher.add(example);
  const { name = 'rows' } = dataset as Partial<Dataset>;
  return {
    ...snapshotOf({
      dataset: hasher.finish(name),
      split: 'sealed test',
      scorers: task.scorers,
      model,
      models,
      origin,
    }),
    sides: { seed: seed.hash, winner: best.hash },
    tested: test.map(({ id }) => id),
  };
}
