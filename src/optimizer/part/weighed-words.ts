import type { Example } from '../../dataset/dataset.ts';
import { predictStepsOf } from '../../program/trace.ts';
import type { DemoSet, Verbalizer } from '../../prompt/candidate.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { type ClosedStep, namedOffsets } from './calibration.ts';
import { fitClassifier } from './logistic-regression.ts';

/** Words before anything is known of them: asked so, the model says how likely it finds each. */
export function unweighedWords(words: readonly string[]): DemoSet {
  return { demos: [], verbalizer: { words, expected: words.map(() => 0), weights: {} } };
}

/**
 * Words with what each says for each answer, by logistic regression on labelled rows.
 *
 * @param asked An evaluation with traces of a candidate whose first set with a verbalizer is {@link unweighedWords}.
 * @param rows What was evaluated, with labels.
 */
export function weighedWords(
  { results }: CandidateEvaluation,
  {
    step: { name, choice },
    rows,
    words,
  }: { readonly step: ClosedStep; readonly rows: readonly Example[]; readonly words: readonly string[] },
): DemoSet {
  const answers = new Map(rows.map(({ id, expected }) => [id, String(expected?.[choice.field])]));
  const scored = results.flatMap(({ exampleId, trace }) => {
    const [scores] = predictStepsOf(trace ?? [], name)[0]?.wordScores ?? [];
    const target = choice.choices.indexOf(answers.get(exampleId) ?? '');
    return scores === undefined || target < 0 ? [] : [{ features: scores, target }];
  });
  const { means, weights, offsets } = fitClassifier({
    features: scored.map(({ features }) => features),
    targets: scored.map(({ target }) => target),
    classes: choice.choices.length,
  });
  const verbalizer: Verbalizer = {
    words,
    expected: words.map((_, index) => rounded(means[index] ?? 0, 2)),
    weights: Object.fromEntries(
      choice.choices.map((answer, index) => [
        answer,
        words.map((_, at) => rounded(weights[index]?.[at] ?? 0, 4)),
      ]),
    ),
  };
  const own = offsets.map((offset) => rounded(offset, 4));
  return { demos: [], verbalizer, offsets: namedOffsets(choice.choices, own) };
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
