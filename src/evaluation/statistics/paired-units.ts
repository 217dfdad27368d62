/** Both scores of one answer to one row. */
export interface PairedScore {
  readonly exampleId: string;
  /** What the row counts once with: its copies, its group. @default the row alone */
  readonly cluster?: string | undefined;
  readonly seed: number;
  readonly winner: number;
}

/** What counts once: a row, or all rows of a cluster. Its scores are averages. */
export interface PairedUnit {
  readonly key: string;
  readonly seed: number;
  readonly winner: number;
}

/** The averages of several answers to each row, in the order of the rows. */
export function averageByRow(
  scores: readonly PairedScore[],
): (PairedUnit & { readonly cluster?: string | undefined })[] {
  const rows = average(scores.map(({ exampleId, seed, winner }) => ({ key: exampleId, seed, winner })));
  if (scores.every(({ cluster }) => cluster === undefined)) return rows;
  const clusterOf = new Map(scores.map(({ exampleId, cluster }) => [exampleId, cluster]));
  return rows.map((row) => ({ ...row, cluster: clusterOf.get(row.key) }));
}

/**
 * Averages the answers of a row, then the rows of a cluster: the units of every paired interval and test. The mean
 * over units counts each cluster once, however many copies or trials it has.
 */
export function averageByCluster(scores: readonly PairedScore[]): PairedUnit[] {
  const rows = averageByRow(scores);
  // Rows that all stand alone are their own units: nothing is left to average.
  if (rows.every(({ cluster }) => cluster === undefined)) return rows;
  return average(
    rows.map(({ key, cluster, seed, winner }) => ({
      // A cluster may be called like a row that is not in it.
      key: cluster === undefined ? `row ${key}` : `cluster ${cluster}`,
      seed,
      winner,
    })),
  );
}

function average(scores: readonly PairedUnit[]): PairedUnit[] {
  const sums = new Map<string, { seed: number; winner: number; count: number }>();
  for (const { key, seed, winner } of scores) {
    const sum = sums.get(key) ?? { seed: 0, winner: 0, count: 0 };
    sums.set(key, sum);
    sum.seed += seed;
    sum.winner += winner;
    sum.count += 1;
  }
  return [...sums].map(([key, { seed, winner, count }]) => ({
    key,
    seed: seed / count,
    winner: winner / count,
  }));
}
