import type { PairSide, ScorePair } from '../evaluation/compare.ts';
import type { ComparedRow, ExperimentRow, RowChange, SideOfRow } from './experiment.ts';
import type { RowAnswers, RowPair } from './pair-rows.ts';

/** Averages of equal scores differ by rounding at most. */
const negligible = 1e-12;

/**
 * The scores of both sides of each row. Trials are paired by their number where both sides have as many; else each
 * side is averaged first.
 */
export function scorePairs(
  pairs: readonly RowPair[],
  of: {
    /** Of the scorer, on both sides. */
    readonly index: number;
    readonly sameTrials: boolean;
  },
): readonly ScorePair[] {
  const scored: ScorePair[] = [];
  for (const { baseline, challenger } of pairs) {
    const { id: exampleId, group: cluster } = baseline;
    if (!of.sameTrials) {
      const seed = averageOf(baseline.answers, of.index);
      const winner = averageOf(challenger.answers, of.index);
      scored.push({ exampleId, cluster, seed, winner });
      continue;
    }
    const [first, ...further] = baseline.answers;
    const [other] = challenger.answers;
    if (further.length === 0 && challenger.answers.length === 1 && first?.trial === other?.trial) {
      const seed = first?.scores[of.index] ?? 'lost';
      scored.push({ exampleId, cluster, seed, winner: other?.scores[of.index] ?? 'lost' });
      continue;
    }
    const others = new Map(challenger.answers.map((answer) => [answer.trial, answer]));
    for (const answer of baseline.answers) {
      const other = others.get(answer.trial);
      others.delete(answer.trial);
      const seed = answer.scores[of.index] ?? 'lost';
      scored.push({ exampleId, cluster, seed, winner: other?.scores[of.index] ?? 'lost' });
    }
    for (const other of others.values()) {
      scored.push({ exampleId, cluster, seed: 'lost', winner: other.scores[of.index] ?? 'lost' });
    }
  }
  return scored;
}

function averageOf(answers: readonly ExperimentRow[], index: number): PairSide {
  if (answers.length === 1) return answers[0]?.scores[index] ?? 'lost';
  const values = answers.map(({ scores }) => scores[index] ?? 'lost');
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length === 0) return values.includes('lost') ? 'lost' : 'unscored';
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** What became of a row, by the first scorer. */
export function compareRow({ baseline, challenger, slice }: RowPair, failValue: number): ComparedRow {
  const [before, after] = [sideOf(baseline), sideOf(challenger)];
  const delta =
    before.score === undefined || after.score === undefined ? undefined : after.score - before.score;
  const flip = flipOf(baseline, challenger, failValue);
  return {
    id: baseline.id,
    ...(challenger.id !== baseline.id && { otherId: challenger.id }),
    change: changeOf(delta, baseline, challenger),
    ...(slice !== undefined && { slice }),
    baseline: before,
    challenger: after,
    ...(delta !== undefined && { delta: Math.abs(delta) <= negligible ? 0 : delta }),
    ...(flip !== undefined && { flip }),
  };
}

function sideOf({ answers }: RowAnswers): SideOfRow {
  const score = averageOf(answers, 0);
  const [only] = answers;
  if (answers.length === 1 && only !== undefined) {
    const { failed, costUsd, latencyMs } = only;
    return { score: typeof score === 'number' ? score : undefined, failed, costUsd, latencyMs };
  }
  const costs = answers.flatMap(({ costUsd }) => (costUsd === undefined ? [] : [costUsd]));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    ...(typeof score === 'number' && { score }),
    failed: answers.some(({ failed }) => failed),
    ...(costs.length === answers.length && { costUsd: sum(costs) / costs.length }),
    latencyMs: sum(answers.map(({ latencyMs }) => latencyMs)) / answers.length,
  };
}

function changeOf(delta: number | undefined, baseline: RowAnswers, challenger: RowAnswers): RowChange {
  if (delta === undefined) {
    const isLost = [baseline, challenger].some(({ answers }) => averageOf(answers, 0) === 'lost');
    return isLost ? 'error' : 'unscored';
  }
  if (Math.abs(delta) <= negligible) return 'unchanged';
  return delta > 0 ? 'improved' : 'regressed';
}

/** One answer that differs may be noise; all of them are not. */
function flipOf(baseline: RowAnswers, challenger: RowAnswers, failValue: number): ComparedRow['flip'] {
  const all = ({ answers }: RowAnswers, holds: (value: number) => boolean) =>
    answers.every(({ scores: [score] }) => typeof score === 'number' && holds(score));
  const isRight = (value: number) => value === 1;
  const isWrong = (value: number) => value <= Math.max(0, failValue) && value < 1;
  if (all(baseline, isRight) && all(challenger, isWrong)) return 'broken';
  if (all(baseline, isWrong) && all(challenger, isRight)) return 'fixed';
  return undefined;
}
