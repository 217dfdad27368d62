import type { ScorePair } from './compare.ts';
import type { PairedScore } from './statistics/paired-units.ts';

/** The pair when both sides have a score; else nothing. */
export function bothScored({ exampleId, cluster, seed, winner }: ScorePair): readonly PairedScore[] {
  return typeof seed === 'number' && typeof winner === 'number' ? [{ exampleId, cluster, seed, winner }] : [];
}

export interface RowCounts {
  readonly lost: number;
  readonly oneSided: { readonly seed: number; readonly winner: number };
  /** Whether any answer, a trial of a row that has others included, has no counterpart. */
  readonly oneSidedEntries: boolean;
}

/** Rows without any trial that both sides have a score for. */
export function countRows(pairs: readonly ScorePair[]): RowCounts {
  const isCompared = ({ seed, winner }: ScorePair) => typeof seed === 'number' && typeof winner === 'number';
  const compared = new Set(pairs.filter(isCompared).map(({ exampleId }) => exampleId));
  const lost = new Set<string>();
  const seed = new Set<string>();
  const winner = new Set<string>();
  let oneSidedEntries = false;
  for (const pair of pairs) {
    const hasSeed = typeof pair.seed === 'number';
    const hasWinner = typeof pair.winner === 'number';
    oneSidedEntries ||= hasSeed !== hasWinner;
    if (compared.has(pair.exampleId)) continue;
    if (pair.seed === 'lost' || pair.winner === 'lost') lost.add(pair.exampleId);
    if (hasSeed) seed.add(pair.exampleId);
    else if (hasWinner) winner.add(pair.exampleId);
  }
  return { lost: lost.size, oneSided: { seed: seed.size, winner: winner.size }, oneSidedEntries };
}

/** Rows that the winner alone lacks at its fail value, rows that the seed alone lost at 1. */
export function worstForWinner(pairs: readonly ScorePair[], failValue: number): readonly PairedScore[] {
  return pairs.flatMap((pair): readonly PairedScore[] => {
    const { seed, winner, ...row } = pair;
    if (typeof seed === 'number')
      return [{ ...row, seed, winner: typeof winner === 'number' ? winner : failValue }];
    // A seed that abstained has no better answer to hide; one that was lost may have.
    return seed === 'lost' && typeof winner === 'number' ? [{ ...row, seed: 1, winner }] : [];
  });
}
