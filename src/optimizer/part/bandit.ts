/** What is known of an arm. */
export interface Arm {
  /** Times that it was pulled. */
  readonly pulls: number;
  /** Mean reward of a pull, 0 to 1; anything where it was never pulled. */
  readonly mean: number;
}

/**
 * The upper confidence bound of each arm, `mean + c · √(ln(all pulls) / pulls)`: infinite for one that was never
 * pulled, so that each is tried once.
 *
 * @see Auer, Cesa-Bianchi & Fischer 2002, "Finite-time Analysis of the Multiarmed Bandit Problem", UCB1.
 */
export function upperBounds(arms: readonly Arm[], exploration = 1): readonly number[] {
  const total = arms.reduce((sum, { pulls }) => sum + pulls, 0);
  return arms.map(({ pulls, mean }) =>
    pulls === 0 ? Number.POSITIVE_INFINITY : mean + exploration * Math.sqrt(Math.log(total) / pulls),
  );
}

/** The indices of the highest values, highest first; of equal ones the first. */
export function highest(values: readonly number[], count: number): readonly number[] {
  return [...values.keys()]
    .sort((a, b) => {
      const [one = 0, other = 0] = [values[a], values[b]];
      return one === other ? a - b : other - one;
    })
    .slice(0, count);
}
