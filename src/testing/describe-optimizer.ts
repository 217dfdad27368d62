import type { Optimizer } from '../optimizer/optimizer.ts';
import { type ContractCheck, runChecks } from './contract-check.ts';
import { candidateChecks } from './optimizer-contract/candidates.ts';
import { decisionChecks } from './optimizer-contract/decisions.ts';
import { interruptionChecks } from './optimizer-contract/interruptions.ts';
import { limitChecks } from './optimizer-contract/limits.ts';
import { needChecks } from './optimizer-contract/needs.ts';
import { stepChecks } from './optimizer-contract/steps.ts';
import { createTrial, type DescribeOptimizerOptions } from './optimizer-contract/trial.ts';

export type { DescribeOptimizerOptions };

/** What every optimizer promises, as checks. */
export function optimizerContract(
  create: () => Optimizer,
  options: DescribeOptimizerOptions = {},
): readonly ContractCheck[] {
  const trial = createTrial(create, options);
  const checks = [decisionChecks, limitChecks, interruptionChecks, needChecks, candidateChecks, stepChecks];
  return checks
    .flatMap((of) => of(trial))
    .map((each) => {
      const skipped = options.skip?.find(({ test }) => test === each.title);
      return skipped === undefined ? each : { ...each, skip: skipped.reason };
    });
}

/**
 * Tests of what every optimizer promises, for Vitest: run by the real driver with a scripted model and a store
 * in memory, on a small classification task in one step, and in two steps of which the second is at fault. A
 * test that does not apply is skipped, and says why.
 *
 * @param create A new optimizer at each call, always with the same options.
 */
export function describeOptimizer(
  name: string,
  create: () => Optimizer,
  options: DescribeOptimizerOptions = {},
): void {
  runChecks(`${name} as an Optimizer`, optimizerContract(create, options));
}
