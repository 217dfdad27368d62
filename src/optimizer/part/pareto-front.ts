import type { Objective } from '../optimizer.ts';

/** Something with a value for each objective. */
export interface Measured {
  readonly objectives: Readonly<Record<string, number>>;
}

/**
 * Those that no other one beats: at least as good on every objective and better on one. One that lacks a value
 * is beaten by none and beats none, so it is left out. Equal ones stay together, in their order.
 *
 * @see Deb et al. 2002, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", §III.
 */
export function paretoFront<Item extends Measured>(
  items: readonly Item[],
  objectives: readonly Objective[],
): readonly Item[] {
  const measured = items.filter((item) =>
    objectives.every(({ name }) => item.objectives[name] !== undefined),
  );
  return measured.filter((item) => !measured.some((other) => dominates(other, item, objectives)));
}

/**
 * The point where giving up more of one objective begins to buy little of another: of two objectives the farthest
 * from the line between the best of each, all scaled to 0 to 1 on the front; of more the nearest to the best of
 * all. Undefined where no point lies before that line, so with fewer than three.
 *
 * @see Das 1999, "On characterizing the 'knee' of the Pareto curve based on Normal-Boundary Intersection".
 */
export function kneeOf<Item extends Measured>(
  front: readonly Item[],
  objectives: readonly Objective[],
): Item | undefined {
  if (front.length < 3 || objectives.length < 2) return undefined;
  const scaled = front.map((item) => ({ item, losses: lossesOf(item, front, objectives) }));
  const distances = scaled.map(({ losses }) => {
    const [first = 0, second = 0] = losses;
    if (losses.length === 2) return (1 - first - second) / Math.SQRT2;
    return Math.sqrt(losses.length) - Math.hypot(...losses);
  });
  const best = distances.indexOf(Math.max(...distances));
  return (distances[best] ?? 0) > 1e-9 ? scaled[best]?.item : undefined;
}

/** How far it is from the best of the front on each objective: 0 at the best, 1 at the worst. */
function lossesOf(
  item: Measured,
  front: readonly Measured[],
  objectives: readonly Objective[],
): readonly number[] {
  return objectives.map(({ name, direction }) => {
    const values = front.map((other) => other.objectives[name] ?? 0);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    if (low === high) return 0;
    const share = ((item.objectives[name] ?? 0) - low) / (high - low);
    return direction === 'maximize' ? 1 - share : share;
  });
}

function dominates(a: Measured, b: Measured, objectives: readonly Objective[]): boolean {
  let isBetter = false;
  for (const { name, direction } of objectives) {
    const sign = direction === 'maximize' ? 1 : -1;
    const difference = sign * ((a.objectives[name] ?? 0) - (b.objectives[name] ?? 0));
    if (difference < 0) return false;
    if (difference > 0) isBetter = true;
  }
  return isBetter;
}
