/** Two answers to each row, right or wrong: how many rows of each kind. */
export interface PairedCounts {
  readonly bothRight: number;
  /** Right by the baseline alone: broken by the challenger. */
  readonly onlyBaseline: number;
  /** Right by the challenger alone: fixed by it. */
  readonly onlyChallenger: number;
  readonly bothWrong: number;
}

export function rowsOf({ bothRight, onlyBaseline, onlyChallenger, bothWrong }: PairedCounts): number {
  return bothRight + onlyBaseline + onlyChallenger + bothWrong;
}

/** Counts pairs of scores that are 0 or 1. */
export function countPairs(
  pairs: Iterable<{ readonly baseline: number; readonly challenger: number }>,
): PairedCounts {
  const counts = { bothRight: 0, onlyBaseline: 0, onlyChallenger: 0, bothWrong: 0 };
  for (const { baseline, challenger } of pairs) {
    if (baseline === challenger) counts[baseline === 1 ? 'bothRight' : 'bothWrong'] += 1;
    else counts[baseline > challenger ? 'onlyBaseline' : 'onlyChallenger'] += 1;
  }
  return counts;
}
