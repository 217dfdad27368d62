/** A sum with an unknown part is unknown. */
export function sumKnown(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : total + part;
}
