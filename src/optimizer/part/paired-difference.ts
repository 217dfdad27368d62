/**
 * One comparison of two candidates for every selection, and one rule for ties: the standing one stays unless the
 * other is better by more than one standard error of their paired difference.
 *
 * @see Blum and Hardt 2015, "The Ladder", for the step of one standard error. https://arxiv.org/abs/1502.04585
 */
import type { CandidateEvaluation } from '../optimizer.ts';

/** How much better one evaluation is than another on the rows that both have a score for. */
export interface PairedDifference {
  /** Rows that both have a score for. */
  readonly rows: number;
  /** Rows that either was asked about. */
  readonly asked: number;
  /** Mean of after − before, each cluster once; 0 without such rows. */
  readonly mean: number;
  /** Of the mean; undefined below two clusters. */
  readonly standardError: number | undefined;
  /** The mean with the rows that only `before` has a score for at 0 for `after`. */
  readonly meanWithLost: number;
}

export interface PairedDifferenceOptions {
  /** Id of a row → what it counts once with. @default every row alone */
  readonly clusters?: ReadonlyMap<string, string> | undefined;
}

/** Least share of the rows asked about that both must have a score for, before one may replace the other. */
const leastShared = 0.8;

/** Two sums of the same numbers in another order differ by less. */
const rounding = 1e-9;

/** The values of the rows that both have one for, before and after, in the order of `before`. */
export function pairedValues(
  before: CandidateEvaluation,
  after: CandidateEvaluation,
): readonly (readonly [number, number])[] {
  const others = valuesByRow(after);
  return [...valuesByRow(before)].flatMap(([row, value]) => {
    const other = others.get(row);
    return other === undefined ? [] : [[value, other] as const];
  });
}

/** Pairs by row and trial, whatever their order, so rows that only one was asked about count for none. */
export function pairedDifference(
  before: CandidateEvaluation,
  after: CandidateEvaluation,
  { clusters }: PairedDifferenceOptions = {},
): PairedDifference {
  const earlier = valuesByRow(before);
  const later = valuesByRow(after);
  const wasAsked = new Set(after.results.map(rowKey));
  const differences: Difference[] = [];
  const withLost: Difference[] = [];
  for (const result of before.results) {
    const value = earlier.get(rowKey(result));
    if (value === undefined) continue;
    const cluster = clusters?.get(result.exampleId) ?? result.exampleId;
    const other = later.get(rowKey(result));
    if (other !== undefined) differences.push({ cluster, value: other - value });
    if (other !== undefined || wasAsked.has(rowKey(result))) {
      withLost.push({ cluster, value: (other ?? 0) - value });
    }
  }
  const means = meansByCluster(differences);
  return {
    rows: differences.length,
    asked: new Set([...before.results, ...after.results].map(rowKey)).size,
    mean: meanOf(means),
    standardError: standardErrorOf(means),
    meanWithLost: meanOf(meansByCluster(withLost)),
  };
}

/**
 * Whether `other` is better than `standing` by more than one standard error of their paired difference. With one
 * changed row both are the same number, which is a tie: rounding never decides. Neither does a lost row: both need
 * a score for four fifths of the rows, and `other` must stay ahead with the rows that it lost at 0.
 */
export function isClearlyBetter(
  other: CandidateEvaluation,
  standing: CandidateEvaluation,
  options: PairedDifferenceOptions = {},
): boolean {
  const { rows, asked, mean, standardError, meanWithLost } = pairedDifference(standing, other, options);
  if (standardError === undefined || rows < leastShared * asked) return false;
  return mean > standardError + rounding && meanWithLost > rounding;
}

interface Difference {
  readonly cluster: string;
  readonly value: number;
}

function rowKey({ exampleId, trial }: CandidateEvaluation['results'][number]): string {
  return `${trial} ${exampleId}`;
}

function valuesByRow({ results }: CandidateEvaluation): ReadonlyMap<string, number> {
  return new Map(
    results.flatMap((result) =>
      'value' in result.outcome ? [[rowKey(result), result.outcome.value] as const] : [],
    ),
  );
}

function meansByCluster(differences: readonly Difference[]): readonly number[] {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { cluster, value } of differences) {
    const entry = sums.get(cluster) ?? { sum: 0, count: 0 };
    sums.set(cluster, { sum: entry.sum + value, count: entry.count + 1 });
  }
  return [...sums.values()].map(({ sum, count }) => sum / count);
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardErrorOf(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const centre = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
