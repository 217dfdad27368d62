import type { Example } from '../../dataset/dataset.ts';
import { normalise } from '../../program/normalise.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { answerShares, type ClosedStep, pooledRows, priorOffsets } from './calibration.ts';

/**
 * Ranks candidates by the mean log-probability of the right answer after calibration on the same rows. On few
 * rows it tells sets apart that have the same number of right answers. Rows whose choices were not scored, or
 * whose right answer is none of them, say nothing.
 *
 * @param rows.examples Rows that the evaluations may hold.
 * @param rows.train Rows whose answers say how frequent each answer is.
 * @returns For an evaluation with traces: at most 0, higher is better; −∞ when no row says anything.
 */
export function rankByAnswerProbability(
  step: ClosedStep,
  { examples, train }: { readonly examples: readonly Example[]; readonly train: readonly Example[] },
): (evaluation: CandidateEvaluation) => number {
  const { field, choices } = step.choice;
  const right = new Map(examples.map(({ id, expected }) => [id, choices.indexOf(String(expected?.[field]))]));
  const target = answerShares(train, step.choice);
  return (evaluation) => {
    const rows = pooledRows(evaluation, step);
    const offsets = priorOffsets(
      rows.map(({ logProbabilities }) => logProbabilities),
      target,
    );
    let sum = 0;
    let judged = 0;
    for (const { exampleId, logProbabilities } of rows) {
      const probabilities = normalise(logProbabilities.map((value, index) => value + (offsets[index] ?? 0)));
      const probability = probabilities[right.get(exampleId) ?? -1];
      if (probability === undefined) continue;
      sum += Math.log(Math.max(probability, 1e-12));
      judged += 1;
    }
    return judged === 0 ? Number.NEGATIVE_INFINITY : sum / judged;
  };
}
