/**
 * What p is multiplied by when the rows served comparisons before: 1, 3, 6, 10 … for the first, second, third,
 * fourth use. All uses together, however many there are, then err at most twice as often as the first one alone:
 * the sum of 2 / (k (k + 1)) is 2.
 */
export function correctionFor(earlierUses: number): number {
  return ((earlierUses + 1) * (earlierUses + 2)) / 2;
}
