import type { Example } from '../../dataset/dataset.ts';
import { splitDataset } from '../../dataset/split.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { Optimizer } from '../optimizer.ts';
import { confirm } from './confirm.ts';
import { type ProveSetting, runTest, type TestedPair } from './prove.ts';
import { quotedRow } from './quoted-row.ts';
import type { SearchEngine, SearchTask } from './scope.ts';
import { search } from './search.ts';

const folds = 5;

/** Searches in all: one a fold and the last one on all rows. */
export const searchesOfCrossFit = folds + 1;

export interface CrossFitSetting extends SearchTask {
  readonly engine: SearchEngine;
  readonly evaluate: ProveSetting['evaluate'];
  /** A new optimizer for each fold, which remembers nothing of the rows of another. */
  readonly create: (() => Optimizer) | undefined;
}

/**
 * Proof for few rows: the rows are dealt into five folds, a whole search runs on the other four of each, and
 * its winner meets the seed on the fold. All rows are tested, none by a search that saw it. What is proven
 * is the procedure, not the one prompt that a last search on all rows returns.
 *
 * @returns undefined when a limit ends a search on the way: what is left is another procedure.
 */
export async function crossFit(
  examples: readonly Example[],
  { engine, evaluate, create, ...task }: CrossFitSetting,
): Promise<readonly TestedPair[] | undefined> {
  const { emit, randomSeed } = engine;
  if (create === undefined) {
    emit({
      type: 'notice',
      message:
        'The folds of a cross-fit need an optimizer each, and this one cannot be made anew: give a function that makes it.',
    });
    return undefined;
  }
  const tested: TestedPair[] = [];
  for (const [index, fold] of dealFolds(examples, randomSeed).entries()) {
    const inFold = new Set(fold.map(({ id }) => id));
    const rest = examples.filter(({ id }) => !inFold.has(id));
    const { train, validation } = splitDataset(rest, { seed: randomSeed, shares: [2 / 3, 1 / 3, 0] });
    const label = `fold-${index + 1}`;
    const own = { ...task, optimizer: create(), train, validation, label, testRows: fold.length };
    emit({ type: 'phase-started', phase: `fold ${index + 1} of ${folds}` });
    const found = await search({ ...own, evenIfSaturated: true }, engine);
    if (found.stopReason !== 'done') {
      emit({
        type: 'notice',
        message: `The budget ended the search of fold ${index + 1} of ${folds}, so nothing is proven.`,
      });
      return undefined;
    }
    const { winner } = await confirm(found, own, engine);
    const candidate = whatMayBeTested(winner.candidate, { task, fold, index, emit });
    tested.push(await runTest({ seed: task.seed, winner: candidate }, { test: fold, evaluate, emit }));
  }
  return tested;
}

/** A winner that quotes a row of its fold has seen it somehow: the seed stands in for it. */
function whatMayBeTested(
  winner: Candidate,
  {
    task: { seed },
    fold,
    index,
    emit,
  }: {
    readonly task: Pick<SearchTask, 'seed'>;
    readonly fold: readonly Example[];
    readonly index: number;
    readonly emit: SearchEngine['emit'];
  },
): Candidate {
  const quoted = quotedRow(winner, { seed, rows: fold });
  if (quoted === undefined) return winner;
  emit({
    type: 'notice',
    message: `The winner of fold ${index + 1} quotes row ${quoted} of that fold, which its search must not have seen. It is refused, and the fold counts as no change.`,
  });
  return seed;
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
