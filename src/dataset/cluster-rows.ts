import type { Example } from './dataset.ts';
import { groupEqualRows, groupNearDuplicates } from './near-duplicates.ts';
import { createGroups } from './row-groups.ts';

export interface ClusterRowsOptions {
  /**
   * A set of near-duplicates with more than this share of the rows, from 0 to 1, was written from one template: of it
   * only equal rows and rows of one group are joined. @default 0.5
   */
  readonly largestShare?: number | undefined;
}

/** Rows that belong together, as lists of row numbers, the largest first, then in the order of the rows. */
export interface RowClusters {
  readonly clusters: readonly (readonly number[])[];
  readonly notices: readonly string[];
}

/**
 * Which rows count once: rows with equal or nearly equal inputs, rows of one {@link Example.group}, rows of one id,
 * and what these join in chains.
 *
 * @returns Id of a row → key of its cluster: the id of its row that sorts first, so the order of the rows does not
 * matter. The key of a row that stands alone is its own id.
 */
export function clusterRows(
  examples: readonly Example[],
  options: ClusterRowsOptions = {},
): ReadonlyMap<string, string> {
  return clusterKeys(examples, findClusters(examples, options).clusters);
}

/** The map that {@link clusterRows} describes, of clusters that are known. */
export function clusterKeys(
  examples: readonly Example[],
  clusters: RowClusters['clusters'],
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const cluster of clusters) {
    const ids = cluster.map((row) => examples[row]?.id ?? '');
    const [key = ''] = [...ids].sort();
    for (const id of ids) keys.set(id, key);
  }
  return keys;
}

/** The clusters of {@link clusterRows}, with what a reader should know of them. */
export function findClusters(
  examples: readonly Example[],
  { largestShare = 0.5 }: ClusterRowsOptions = {},
): RowClusters {
  const rows = examples.length;
  const near = groupNearDuplicates(examples);
  const tooLarge = new Map(
    [...countMembers(near)].filter(([, size]) => size > 1 && size > rows * largestShare),
  );
  const equal = tooLarge.size === 0 ? near : groupEqualRows(examples);
  const groups = createGroups(rows);
  const firstOfName = new Map<string, number>();
  const joinByName = (name: string, row: number) => {
    const first = firstOfName.get(name);
    if (first === undefined) firstOfName.set(name, row);
    else groups.join(first, row);
  };
  for (const [row, { id, group }] of examples.entries()) {
    const twins = tooLarge.has(near[row] ?? row) ? equal : near;
    groups.join(twins[row] ?? row, row);
    joinByName(`id:${id}`, row);
    if (group !== undefined) joinByName(`group:${group}`, row);
  }
  const clusters = gather(rows, groups.of).sort((first, second) => second.length - first.length);
  const notices: string[] = [];
  for (const size of tooLarge.values()) {
    notices.push(
      `${size} of ${rows} rows are near-duplicates of each other, too many for one side; of these only equal rows are kept together.`,
    );
  }
  const kept = clusters.filter(({ length }) => length > 1);
  const together = kept.reduce((sum, { length }) => sum + length, 0);
  if (together > 0) {
    const isGrouped = examples.some(({ group }) => group !== undefined);
    const what = isGrouped
      ? 'share a group or are duplicates or near-duplicates'
      : 'are duplicates or near-duplicates';
    notices.push(
      `${together} of ${rows} rows ${what} (${kept.length} groups); each group is kept on one side.`,
    );
  }
  return { clusters, notices };
}

function countMembers(groups: readonly number[]): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return sizes;
}

/** Row numbers by group, in the order of the rows. */
function gather(rows: number, groupOf: (row: number) => number): number[][] {
  const clusters = new Map<number, number[]>();
  for (let row = 0; row < rows; row += 1) {
    const group = groupOf(row);
    const cluster = clusters.get(group);
    if (cluster === undefined) clusters.set(group, [row]);
    else cluster.push(row);
  }
  return [...clusters.values()];
}
