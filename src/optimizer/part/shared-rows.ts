import type { RowResult } from '../../evaluation/evaluation.ts';
import type { CandidateEvaluation } from '../optimizer.ts';

/** Least share of the rows that a candidate must have an answer to, so that it is not ranked by a few. */
const leastCoverage = 0.5;

/**
 * Evaluations on the same rows, without the rows that any of them lost, so that none is better for having lost its
 * hard ones. Undefined for one that lost most of its own: it takes no rows from the others.
 */
export function onSharedRows(
  evaluations: readonly CandidateEvaluation[],
): readonly (CandidateEvaluation | undefined)[] {
  const isCovered = evaluations.map(
    ({ results }) =>
      results.length === 0 || results.filter((row) => !isLost(row)).length >= leastCoverage * results.length,
  );
  const lost = new Set(
    evaluations.flatMap(({ results }, place) =>
      isCovered[place] ? results.flatMap((row) => (isLost(row) ? [keyOf(row)] : [])) : [],
    ),
  );
  return evaluations.map((evaluation, place) => {
    if (!isCovered[place]) return undefined;
    const results = evaluation.results.filter((row) => !lost.has(keyOf(row)));
    const values = results.flatMap(({ outcome }) => ('value' in outcome ? [outcome.value] : []));
    const mean =
      values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
    return { ...evaluation, results, mean, scored: values.length };
  });
}

/**
 * Evaluations on the same rows, the highest mean on the rows that none of them lost first. Ties go by `tieBreak`, else
 * they keep the earlier.
 */
export function bestFirst<Item>(
  items: readonly Item[],
  evaluationOf: (item: Item) => CandidateEvaluation,
  tieBreak: (a: Item, b: Item) => number = () => 0,
): readonly Item[] {
  const shared = onSharedRows(items.map(evaluationOf));
  return items
    .map((item, place) => ({ item, mean: shared[place]?.mean ?? -1 }))
    .sort((a, b) => b.mean - a.mean || tieBreak(a.item, b.item))
    .map(({ item }) => item);
}

/**
 * Whether one ranks above another on the rows that neither lost. An equal rank is not above.
 *
 * @param rank Higher is better. @default the mean
 */
export function ranksAbove(
  one: CandidateEvaluation,
  other: CandidateEvaluation,
  rank: (evaluation: CandidateEvaluation) => number = ({ mean = -1 }) => mean,
): boolean {
  const [own, others] = onSharedRows([one, other]);
  if (own === undefined || others === undefined) return own !== undefined;
  return rank(own) > rank(others);
}

function isLost({ outcome }: RowResult): boolean {
  return outcome.status === 'infrastructure-error';
}

function keyOf({ exampleId, trial }: RowResult): string {
  return `${trial} ${exampleId}`;
}
