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
