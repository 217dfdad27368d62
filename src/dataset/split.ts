import { canonicalJson } from '../base/canonical-json.ts';
import { HoneError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { clusterKeys, findClusters } from './cluster-rows.ts';
import type { DatasetSplit, Example } from './dataset.ts';

export interface SplitDatasetOptions {
  /** Decides which rows go where. @default 0 */
  readonly seed?: number | undefined;
  /** Shares of train, validation and test; they add up to 1. @default [0.5, 0.25, 0.25] */
  readonly shares?: readonly [number, number, number] | undefined;
  /** Whether at least two different expected outputs are demanded. @default false */
  readonly requireClasses?: boolean | undefined;
}

const roles = ['train', 'validation', 'test'] as const;
/** Expected outputs with more different values than this are open answers, not classes. */
const mostClasses = 20;
/** Classes with fewer rows are split together, as one. */
const rareBelow = 5;

/**
 * Divides rows into the three roles: stratified by expected output where that is a class, rows with nearly the same
 * inputs and rows of one group on one side (see {@link clusterRows}). The division depends on the seed and the ids of
 * the rows alone, not on their order; within a role the rows are in the seeded order.
 *
 * Each class gets its shares to within one row (largest remainder), except where near-duplicates must
 * stay together.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when the shares do not add up to 1, `HONE_DATASET_ONE_CLASS` when classes
 * are required and every labelled row has the same expected output, `HONE_DATASET_ONE_CLUSTER` when the rows are fewer
 * clusters than roles.
 */
export function splitDataset(
  examples: readonly Example[],
  { seed = 0, shares = [0.5, 0.25, 0.25], requireClasses = false }: SplitDatasetOptions = {},
): DatasetSplit {
  checkShares(shares);
  if (requireClasses) checkClasses(examples);
  const ordered = examples
    .map((example) => ({ example, order: sha256(`${seed}/${example.id}`) }))
    .sort((first, second) => (first.order < second.order ? -1 : first.order > second.order ? 1 : 0))
    .map(({ example }) => example);
  const strata = stratify(ordered);
  const left = strata.sizes.map((size) => allocate(size, shares));
  const { clusters, notices } = findClusters(ordered, { largestShare: Math.max(...shares) });
  checkClusters(clusters, { rows: examples.length, sides: shares.filter((share) => share > 0).length });
  const sides: Example[][] = [[], [], []];

  // Clusters first, the largest leading: single rows then fill what is left, exactly.
  for (const cluster of clusters) {
    const side = neediest(cluster, strata.of, left);
    for (const row of cluster) {
      const counts = left[strata.of[row] ?? 0];
      if (counts !== undefined) counts[side] = (counts[side] ?? 0) - 1;
      sides[side]?.push(ordered[row] as Example);
    }
  }
  const position = new Map(ordered.map((example, index) => [example, index]));
  const inOrder = (rows: readonly Example[] = []) =>
    [...rows].sort((first, second) => (position.get(first) ?? 0) - (position.get(second) ?? 0));
  return {
    train: inOrder(sides[0]),
    validation: inOrder(sides[1]),
    test: inOrder(sides[2]),
    clusters: clusterKeys(ordered, clusters),
    notices,
  };
}

/** The side that still lacks most rows of the cluster's classes; of equals the first. */
function neediest(
  cluster: readonly number[],
  strataOf: readonly number[],
  left: readonly (readonly number[])[],
): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const side of roles.keys()) {
    let need = 0;
    for (const row of cluster) need += left[strataOf[row] ?? 0]?.[side] ?? 0;
    if (need > most) {
      most = need;
      best = side;
    }
  }
  return best;
}

/** Whole numbers of rows for each side: the floor of each share, and the rest to the largest remainders. */
function allocate(rows: number, shares: readonly number[]): number[] {
  const counts = shares.map((share) => Math.floor(rows * share + 1e-9));
  const byRemainder = shares
    .map((share, side) => ({ side, remainder: rows * share - (counts[side] ?? 0) }))
    .sort((first, second) => second.remainder - first.remainder || first.side - second.side);
  let rest = rows - counts.reduce((sum, count) => sum + count, 0);
  for (const { side } of byRemainder) {
    if (rest === 0) break;
    counts[side] = (counts[side] ?? 0) + 1;
    rest -= 1;
  }
  return counts;
}

/** The class of each row: its expected output, rare ones together; one class for all where answers are open. */
function stratify(examples: readonly Example[]): { of: readonly number[]; sizes: readonly number[] } {
  const labels = examples.map(({ expected }) => canonicalJson(expected ?? null));
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size > mostClasses) return { of: labels.map(() => 0), sizes: [labels.length] };
  const common = [...counts].filter(([, count]) => count >= rareBelow).map(([label]) => label);
  const numbers = new Map(common.sort().map((label, index) => [label, index]));
  const of = labels.map((label) => numbers.get(label) ?? common.length);
  const sizes = Array.from({ length: common.length + 1 }, () => 0);
  for (const stratum of of) sizes[stratum] = (sizes[stratum] ?? 0) + 1;
  return { of, sizes };
}

function checkShares(shares: readonly number[]): void {
  const sum = shares.reduce((total, share) => total + share, 0);
  if (shares.every((share) => share >= 0) && Math.abs(sum - 1) < 1e-6) return;
  throw new HoneError(`The shares of a split must add up to 1: ${shares.join(' + ')} is ${sum}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Use three shares of train, validation and test, such as [0.5, 0.25, 0.25].',
  });
}

/**
 * Checks the shares of a run, which needs rows in every role.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a share of 0, and for shares that do not add up to 1.
 */
export function requireEveryRole(shares: readonly number[]): void {
  checkShares(shares);
  const empty = roles.filter((_, side) => (shares[side] ?? 0) === 0);
  if (empty.length === 0) return;
  throw new HoneError(`The shares ${shares.join(', ')} leave no rows for ${empty.join(' and ')}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'A search needs train and validation, a proof needs test: give each a share above 0, such as [0.5, 0.25, 0.25].',
  });
}

/** Fewer rows than sides are divided as far as they go; more rows that are too few clusters are no rows to divide. */
function checkClusters(
  clusters: readonly (readonly number[])[],
  { rows, sides }: { readonly rows: number; readonly sides: number },
): void {
  if (clusters.length >= sides || rows < sides) return;
  const what = clusters.length === 1 ? 'one and the same' : `only ${clusters.length} different ones`;
  throw new HoneError(
    `The ${rows} rows cannot be divided into ${sides} roles: as copies, near-duplicates or rows of one group they are ${what}.`,
    {
      code: 'HONE_DATASET_ONE_CLUSTER',
      hint: 'Add rows that differ; check that the columns that make them differ are inputs, and which column groups them.',
      facts: { rows, clusters: clusters.length },
    },
  );
}

function checkClasses(examples: readonly Example[]): void {
  const labels = new Set(
    examples.flatMap(({ expected }) => (expected === undefined ? [] : [canonicalJson(expected)])),
  );
  if (labels.size !== 1) return;
  throw new HoneError(`Every row has the same expected output: ${[...labels][0]}.`, {
    code: 'HONE_DATASET_ONE_CLASS',
    hint: 'Add rows with other expected outputs, or check that the right column is named as expected.',
  });
}
