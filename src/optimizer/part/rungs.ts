import type { RacePlan } from '../optimizer.ts';

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

/** Row evaluations of a race that starts with so many candidates, each row of a candidate counted once. */
export function rowsOfRace(
  candidates: number,
  { rungs, eta = 2, keep = 1 }: Pick<RacePlan, 'rungs' | 'eta' | 'keep'>,
): number {
  let running = candidates;
  let before = 0;
  let rows = 0;
  for (const rung of rungs) {
    rows += running * (rung - before);
    before = rung;
    running = Math.min(running, Math.max(keep, Math.ceil(running / eta)));
  }
  return rows;
}
