import type { Scorer } from '../scorer/scorer.ts';
import { runChecks } from './contract-check.ts';
import { type ScorerContractOptions, scorerContract } from './scorer-contract.ts';

/**
 * Tests of what every scorer promises, for Vitest: its range, that it is pure, that a row without a label stays
 * unscored, and that its version follows its options.
 *
 * @param create A new scorer at each call, always with the same options.
 */
export function describeScorer(name: string, create: () => Scorer, options: ScorerContractOptions): void {
  runChecks(`${name} as a Scorer`, scorerContract(create, options));
}
