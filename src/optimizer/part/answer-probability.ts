import type { Example } from '../../dataset/dataset.ts';
import { normalise } from '../../program/normalise.ts';
import { parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { answerShares, type ClosedStep, pooledScores, priorOffsets, scoresBySet } from './calibration.ts';

/**
 * Ranks candidates by the mean log-probability of the right answer after calibration on the same rows. On few
 * rows it tells sets apart that have the same number of right answers.
 *
 * @param rows.examples Rows that the evaluations may hold.
 * @param rows.train Rows whose answers say how frequent each answer is.
 */
export function rankByAnswerProbability(
  step: ClosedStep,
  { examples, train }: { readonly examples: readonly Example[]; readonly train: readonly Example[] },
): (evaluation: CandidateEvaluation) => number {
  const { field, choices } = step.choice;
  const right = new Map(examples.map(({ id, expected }) => [id, choices.indexOf(String(expected?.[field]))]));
  const target = answerShares(train, step.choice);
  return (evaluation) => {
    const sets = parameterOf(evaluation.candidate, parameterName(step.name, 'demos'), 'demos')?.sets ?? [];
    const answered = evaluation.results.filter(({ trace }) => trace !== undefined);
    const scores = pooledScores(scoresBySet(evaluation, step.name), sets, choices);
    const offsets = priorOffsets(scores, target);
    let sum = 0;
    for (const [row, logProbabilities] of scores.entries()) {
      const probabilities = normalise(logProbabilities.map((value, index) => value + (offsets[index] ?? 0)));
      const index = right.get(answered[row]?.exampleId ?? '') ?? -1;
      sum += Math.log(Math.max(probabilities[index] ?? 1, 1e-12));
    }
    return scores.length === 0 ? Number.NEGATIVE_INFINITY : sum / scores.length;
  };
}
