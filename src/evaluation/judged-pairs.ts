import { type Agreement, agreement } from './metric/agreement.ts';

/** A verdict with the label that people gave the same row. */
export interface JudgedPair {
  readonly human: string;
  readonly judged: string;
  /** Probability of each choice, where the judge has them. */
  readonly probabilities?: Readonly<Record<string, number>> | undefined;
  readonly cluster: string;
  /** 1 / rows of its cluster, so that a cluster counts once. */
  readonly counts: number;
}

/** Each with what it counts. */
export function countedOnce(rows: readonly Omit<JudgedPair, 'counts'>[]): readonly JudgedPair[] {
  const sizes = new Map<string, number>();
  for (const { cluster } of rows) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  return rows.map((row) => ({ ...row, counts: 1 / (sizes.get(row.cluster) ?? 1) }));
}

/** Agreement of people and the judge, in which a cluster counts once. */
export function agreementOf(
  rows: readonly JudgedPair[],
  options: {
    readonly labels: readonly string[];
    readonly weights?: 'none' | 'quadratic';
    /** @default what the judge said */
    readonly verdicts?: readonly string[];
  },
): Agreement {
  const { verdicts = rows.map(({ judged }) => judged), ...rest } = options;
  return agreement(
    rows.map(({ human }) => human),
    verdicts,
    { ...rest, rowWeights: rows.map(({ counts }) => counts) },
  );
}
