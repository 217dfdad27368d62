/**
 * Holm's step-down correction of several p-values: controls the chance of one false rejection among all of them.
 *
 * @returns In the order of the p-values, each from 0 to 1.
 * @see Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
 */
export function holmAdjusted(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((pValue, index) => ({ pValue, index })).sort((a, b) => a.pValue - b.pValue);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let highest = 0;
  for (const [rank, { pValue, index }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, pValue * (pValues.length - rank)));
    adjusted[index] = highest;
  }
  return adjusted;
}
