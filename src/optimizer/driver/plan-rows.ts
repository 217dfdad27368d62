import { clusterRows } from '../../dataset/cluster-rows.ts';
import type { DatasetSplit, Example } from '../../dataset/dataset.ts';
import { requireEveryRole, splitDataset } from '../../dataset/split.ts';
import {
  assumedDeviation,
  assumedDiscordantRate,
  plannedDifference,
} from '../../evaluation/statistics/planned-difference.ts';

/** Clusters from which on the usual shares leave the test enough. */
const enoughForShares = 200;
/** Clusters that a test should have; fewer find only large differences. */
const wantedInTest = 50;
/** Clusters below which every row is tested by cross-fitting, when that is possible. */
const fewestForSplit = 120;
/** Clusters from which on rows are kept apart when cross-fitting is not possible. */
export const fewestForHeldOut = 80;
/** Clusters from which on rows can be cross-fitted: two in every third of a fold's complement. */
const fewestForCrossFit = 20;

/** Which rows are for what, and what their test can show. */
export interface RowPlan {
  readonly method: 'held-out' | 'cross-fit' | 'development-only';
  readonly split: DatasetSplit;
  /** Rows that the proof answers with each side. */
  readonly testRows: number;
  /** What counts once among them. */
  readonly testClusters: number;
  /** The smallest difference that the test finds in four of five runs; undefined without a test. */
  readonly smallestDifference: number | undefined;
  /** What a reader should know, before anything is spent. */
  readonly notices: readonly string[];
}

export interface PlanRowsOptions {
  /** Decides which rows go where. */
  readonly seed: number;
  /** Shares of train, validation and test. @default by the number of clusters */
  readonly shares?: readonly [number, number, number] | undefined;
  /** Whether every score is 0 or 1. */
  readonly passFail: boolean;
  /** Why rows split so for a search of each fold cannot be cross-fitted; undefined when they can. */
  reasonAgainstCrossFit(whole: DatasetSplit): string | undefined;
}

/**
 * Decides how rows are used so that their test can show something. Clusters are counted, not rows: copies and rows
 * of one group are one.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when the shares leave a role empty.
 */
export function planRows(examples: readonly Example[], options: PlanRowsOptions): RowPlan {
  const { seed, shares, passFail } = options;
  if (shares !== undefined) requireEveryRole(shares);
  const clusters = countClusters(examples, clusterRows(examples));
  const held = splitDataset(examples, { seed, shares: shares ?? usualShares(clusters) });
  const inTest = countClusters(held.test, held.clusters);
  const isSmall = clusters < fewestForSplit || (shares !== undefined && inTest < wantedInTest);
  if (!isSmall) return planOf('held-out', held, { passFail, notices: [] });

  const whole = splitDataset(examples, { seed, shares: [2 / 3, 1 / 3, 0] });
  const against =
    clusters < fewestForCrossFit
      ? `cross-fitting takes ${fewestForCrossFit} rows or more`
      : options.reasonAgainstCrossFit(whole);
  const few = `${clusters} ${clusters === examples.length ? 'rows are few for a test of their own' : `independent rows (of ${examples.length}) are few for a test of their own`}`;
  if (against === undefined) {
    return planOf('cross-fit', whole, {
      passFail,
      notices: [
        `${few}, so every row is tested by cross-fitting: five searches, each judged on rows that it did not see. The verdict speaks of the procedure, not of the one prompt.`,
      ],
    });
  }
  if (clusters >= fewestForSplit) {
    const small = `The test has ${inTest} rows, and fewer than ${wantedInTest} find only large differences. Cross-fitting would test every row, but ${against}.`;
    return planOf('held-out', held, { passFail, notices: [small] });
  }
  if (clusters >= fewestForHeldOut) {
    const half = splitDataset(examples, { seed, shares: [1 / 3, 1 / 6, 1 / 2] });
    return planOf('held-out', half, {
      passFail,
      notices: [
        `${few}. Half of them are the test, because every row cannot be tested by cross-fitting: ${against}.`,
      ],
    });
  }
  return planOf('development-only', whole, {
    passFail,
    notices: [
      `${few}, and every row cannot be tested by cross-fitting: ${against}. Nothing will be proven; ${fewestForHeldOut} independent rows would do.`,
    ],
  });
}

/** The plan of rows whose roles are given. */
export function planRoles(split: DatasetSplit, { passFail }: Pick<PlanRowsOptions, 'passFail'>): RowPlan {
  const inTest = countClusters(split.test, split.clusters);
  const few = `The test has ${inTest} independent rows, and fewer than ${wantedInTest} find only large differences.`;
  return planOf('held-out', split, { passFail, notices: inTest < wantedInTest ? [few] : [] });
}

/** The test gets as many rows as it needs; train and validation share the rest two to one. */
function usualShares(clusters: number): readonly [number, number, number] {
  if (clusters >= enoughForShares) return [0.5, 0.25, 0.25];
  const test = Math.min(0.5, wantedInTest / Math.max(1, clusters));
  return [((1 - test) * 2) / 3, (1 - test) / 3, test];
}

function planOf(
  method: RowPlan['method'],
  split: DatasetSplit,
  { passFail, notices }: Pick<PlanRowsOptions, 'passFail'> & Pick<RowPlan, 'notices'>,
): RowPlan {
  const tested = {
    'held-out': split.test,
    'cross-fit': [...split.train, ...split.validation, ...split.test],
    'development-only': [],
  }[method];
  const testClusters = countClusters(tested, split.clusters);
  const smallestDifference = testClusters === 0 ? undefined : plannedDifference(testClusters, { passFail });
  return {
    method,
    split,
    testRows: tested.length,
    testClusters,
    smallestDifference,
    notices: [
      ...split.notices,
      ...notices,
      ...(smallestDifference === undefined
        ? []
        : [powerNotice(smallestDifference, { rows: tested.length, clusters: testClusters, passFail })]),
    ],
  };
}

function powerNotice(
  difference: number,
  {
    rows,
    clusters,
    passFail,
  }: { readonly rows: number; readonly clusters: number; readonly passFail: boolean },
): string {
  const count = clusters === rows ? `${rows} rows` : `${rows} rows, which count as ${clusters},`;
  const assumption = passFail
    ? `when ${Math.round(100 * assumedDiscordantRate)} % of the answers differ`
    : `when differences spread by ${assumedDeviation}`;
  return difference >= 1
    ? `A test of ${count} cannot show any difference.`
    : `A test of ${count} finds a difference of ${difference.toFixed(2)} in four of five runs ${assumption}; a smaller one takes more rows.`;
}

function countClusters(examples: readonly Example[], clusters: ReadonlyMap<string, string>): number {
  return new Set(examples.map(({ id }) => clusters.get(id) ?? id)).size;
}
