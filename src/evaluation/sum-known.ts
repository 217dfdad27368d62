/** A sum of dollars without the last digits, which differ with the order in which its parts were added. */
export function settledSum(usd: number | undefined): number | undefined {
  return usd === undefined ? undefined : Number(usd.toPrecision(12));
}

/** A sum with an unknown part is unknown. */
export function sumKnown(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : total + part;
}
