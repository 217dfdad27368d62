import { createRandom } from '../base/random.ts';
import { compareScores } from '../evaluation/compare.ts';
import type { ScorerSnapshot } from '../evaluation/snapshot.ts';
import { scorePairs } from './compared-rows.ts';
import type { SliceComparison } from './experiment.ts';
import type { RowPair } from './pair-rows.ts';
import { noSlice } from './slice.ts';

/** The first scorer's figures for each slice, the largest first; a slice without a scored pair has none. */
export function compareSlices(
  pairs: readonly RowPair[],
  {
    sameTrials,
    seed,
    scorer,
  }: { readonly sameTrials: boolean; readonly seed: number; readonly scorer: ScorerSnapshot | undefined },
): readonly SliceComparison[] {
  const slices = new Map<string, RowPair[]>();
  for (const pair of pairs) {
    const name = pair.slice ?? noSlice;
    const known = slices.get(name);
    if (known === undefined) slices.set(name, [pair]);
    else known.push(pair);
  }
  return [...slices]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .flatMap(([slice, of]) => {
      const scored = scorePairs(of, { index: 0, sameTrials });
      if (!scored.some((pair) => typeof pair.seed === 'number' && typeof pair.winner === 'number')) return [];
      const { seedMean, winnerMean, difference, interval } = compareScores({
        pairs: scored,
        passFail: scorer?.passFail ?? false,
        failValue: scorer?.failValue,
        random: createRandom(`slice/${seed}/${slice}`),
        resamples: 2_000,
      });
      return [{ slice, rows: of.length, baseline: seedMean, challenger: winnerMean, difference, interval }];
    });
}
