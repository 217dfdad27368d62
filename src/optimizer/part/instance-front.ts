import type { Random } from '../../base/random.ts';
import type { CandidateEvaluation, Objective } from '../optimizer.ts';
import { objectiveOf } from './objective-values.ts';

/** Something that was scored on rows. */
export interface Scored {
  readonly evaluation: CandidateEvaluation;
}

/**
 * The candidates that lead each row by each objective, ties included: a specialist has its place beside the best
 * on average.
 */
function leadersByRow<Item extends Scored>(
  items: readonly Item[],
  objectives: readonly Objective[],
): readonly (readonly Item[])[] {
  const leaders = new Map<string, { value: number; items: Item[] }>();
  for (const { name, direction } of objectives) {
    const sign = direction === 'maximize' ? 1 : -1;
    for (const item of items) {
      for (const result of item.evaluation.results) {
        const measured = objectiveOf(result, name);
        if (measured === undefined) continue;
        const value = sign * measured;
        const place = `${name} ${result.trial} ${result.exampleId}`;
        const standing = leaders.get(place);
        if (standing === undefined || value > standing.value) leaders.set(place, { value, items: [item] });
        else if (value === standing.value) standing.items.push(item);
      }
    }
  }
  return [...leaders.values()].map(({ items: leading }) => leading);
}

export interface InstanceFront<Item> {
  /** Those that lead some row and are not needed nowhere: on every row of theirs another one stands beside. */
  readonly members: readonly Item[];
  /** A member, the more likely the more rows it leads. */
  pick(random: Random): Item | undefined;
}

/**
 * The Pareto front of candidates over rows and objectives. One is dominated when on every row that it leads another remaining one
 * leads too; the worst on average go first.
 *
 * @see Agrawal et al. 2025, "GEPA", https://arxiv.org/abs/2507.19457, algorithm 2.
 */
export function instanceFront<Item extends Scored>(
  items: readonly Item[],
  objectives: readonly Objective[],
): InstanceFront<Item> {
  const fronts = leadersByRow(items, objectives).map((leaders) => new Set(leaders));
  const ascending = [...items].sort((a, b) => (a.evaluation.mean ?? 0) - (b.evaluation.mean ?? 0));
  const remaining = new Set(ascending.filter((item) => fronts.some((front) => front.has(item))));
  for (const item of ascending) {
    const isDominated = fronts.every(
      (front) => !front.has(item) || [...front].some((other) => other !== item && remaining.has(other)),
    );
    if (isDominated) remaining.delete(item);
  }
  const members = items.filter((item) => remaining.has(item));
  const weights = members.map((item) => fronts.filter((front) => front.has(item)).length);
  return {
    members,
    pick: (random) => members[pickWeighted(weights, random)],
  };
}

/** An index, by its weight; uniform where all weights are 0. */
export function pickWeighted(weights: readonly number[], random: Random): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0) return weights.length === 0 ? -1 : random.integer(weights.length);
  let left = random.next() * total;
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return index;
  }
  return weights.length - 1;
}
