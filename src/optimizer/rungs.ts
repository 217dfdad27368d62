/**
 * Nested prefixes that double from `first` up to all rows: 16, 32, 60 of 60.
 *
 * @param first Rows of the first rung: enough that the better half is not thrown away by chance. @default 16
 */
export function nestedRungs(rows: number, first = 16): readonly number[] {
  const rungs: number[] = [];
  for (let rung = first; rung < rows; rung *= 2) rungs.push(rung);
  // A rung that is almost everything saves nothing.
  if ((rungs.at(-1) ?? 0) > 0.75 * rows) rungs.pop();
  return [...rungs, rows];
}
