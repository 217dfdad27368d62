/**
 * Benjamini and Hochberg's correction: for lists to look through, where a share of false finds is acceptable. What is to
 * be proven takes Holm.
 *
 * @returns In the order of the p-values, each from 0 to 1.
 * @see Benjamini and Hochberg 1995, "Controlling the False Discovery Rate".
 */
export function benjaminiHochbergAdjusted(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((pValue, index) => ({ pValue, index })).sort((a, b) => b.pValue - a.pValue);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let lowest = 1;
  for (const [place, { pValue, index }] of order.entries()) {
    const rank = pValues.length - place;
    lowest = Math.min(lowest, (pValue * pValues.length) / rank);
    adjusted[index] = lowest;
  }
  return adjusted;
}
