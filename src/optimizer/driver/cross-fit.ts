import { HoneError } from '../../base/errors.ts';
import type { Example } from '../../dataset/dataset.ts';
import { splitDataset } from '../../dataset/split.ts';
import { confirm } from './confirm.ts';
import { runTest, type TestedPair } from './prove.ts';
import { type SearchResult, type SearchSetting, search } from './search.ts';

const folds = 5;

/** Searches in all: one a fold and the last one on all rows. */
export const searchesOfCrossFit = folds + 1;

/** Fewest rows: two in every third of a fold's complement. */
export const fewestRowsForCrossFit = 20;

/**
 * Proof for few rows: the rows are dealt into five folds, a whole search runs on the other four of each, and
 * its winner meets the seed on the fold. All rows are tested, none by a search that saw it. What is proven
 * is the procedure, not the one prompt that a last search on all rows returns.
 *
 * @returns undefined when a limit ends a search on the way: what is left is another procedure.
 */
export async function crossFit(
  examples: readonly Example[],
  setting: SearchSetting,
): Promise<readonly TestedPair[] | undefined> {
  const tested: TestedPair[] = [];
  for (const [index, fold] of dealFolds(examples, setting.randomSeed).entries()) {
    const inFold = new Set(fold.map(({ id }) => id));
    const rest = examples.filter(({ id }) => !inFold.has(id));
    const { train, validation } = splitDataset(rest, { seed: setting.randomSeed, shares: [2 / 3, 1 / 3, 0] });
    const ownSetting = { ...setting, train, validation, label: `fold-${index + 1}` };
    setting.emit({ type: 'phase-started', phase: `fold ${index + 1} of ${folds}` });
    const found = await searchToItsEnd(ownSetting);
    if (found === undefined) {
      setting.emit({
        type: 'notice',
        message: `The budget ended the search of fold ${index + 1} of ${folds}, so nothing is proven.`,
      });
      return undefined;
    }
    const winner = await confirm(found, ownSetting);
    tested.push(await runTest({ seed: setting.seed, winner: winner.candidate }, { ...setting, test: fold }));
  }
  return tested;
}

async function searchToItsEnd(setting: SearchSetting): Promise<SearchResult | undefined> {
  try {
    const found = await search(setting);
    return found.stopReason === 'done' ? found : undefined;
  } catch (thrown) {
    // Without the budget for the seed's own score there is no search at all.
    if (HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED') return undefined;
    throw thrown;
  }
}

/** Folds of nearly equal size and mix: half by half of stratified splits. */
function dealFolds(examples: readonly Example[], seed: number): readonly (readonly Example[])[] {
  const dealt: (readonly Example[])[] = [];
  let rest = examples;
  for (let left = folds; left > 1; left -= 1) {
    const { train, test } = splitDataset(rest, { seed, shares: [1 - 1 / left, 0, 1 / left] });
    dealt.push(test);
    rest = train;
  }
  return [...dealt, rest];
}
