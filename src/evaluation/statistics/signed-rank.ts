import { normalCdf } from '../../base/distributions.ts';
import { requireSample } from './sample.ts';

export interface SignedRankResult {
  /** Sum of the ranks of the positive differences, with half of those of zero. */
  readonly statistic: number;
  /** Of "the differences are above 0". */
  readonly oneSided: number;
  readonly twoSided: number;
}

/** Most differences whose distribution is counted out. */
const mostExact = 50;

/**
 * Wilcoxon's signed-rank test, for grades whose steps need not be equal, such as 1 to 5. Equal sizes share their ranks,
 * and zeros are ranked and split between the sides.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when there is no difference.
 * @see Wilcoxon 1945, "Individual Comparisons by Ranking Methods"; zeros: Pratt 1959, split as by Conover 1973.
 */
export function signedRankTest(differences: readonly number[]): SignedRankResult {
  requireSample('signed-rank test', differences.length);
  const size = differences.length;
  const ranks = ranksOf(differences.map(Math.abs));
  let statistic = 0;
  for (const [index, value] of differences.entries()) {
    const rank = ranks[index] ?? 0;
    statistic += value > 0 ? rank : value === 0 ? rank / 2 : 0;
  }
  const total = (size * (size + 1)) / 2;
  const oneSided = upperTail(statistic, size);
  return {
    statistic,
    oneSided,
    twoSided: Math.min(1, 2 * Math.min(oneSided, upperTail(total - statistic, size))),
  };
}

/** Ranks from 1, equal values sharing the mean of theirs. */
export function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && order[end + 1]?.value === order[start]?.value) end += 1;
    for (let place = start; place <= end; place += 1) {
      const entry = order[place];
      if (entry !== undefined) ranks[entry.index] = (start + end) / 2 + 1;
    }
    start = end + 1;
  }
  return ranks;
}

/** P(W ≥ w) of the ranks 1 to n, each with a fair sign. */
function upperTail(statistic: number, size: number): number {
  const total = (size * (size + 1)) / 2;
  if (size > mostExact) {
    const deviation = Math.sqrt((size * (size + 1) * (2 * size + 1)) / 24);
    return 1 - normalCdf((statistic - total / 2 - 0.5) / deviation);
  }
  let shares = new Float64Array(total + 1);
  shares[0] = 1;
  for (let rank = 1; rank <= size; rank += 1) {
    const next = new Float64Array(total + 1);
    for (let sum = 0; sum <= total; sum += 1) {
      next[sum] = ((shares[sum] ?? 0) + (sum >= rank ? (shares[sum - rank] ?? 0) : 0)) / 2;
    }
    shares = next;
  }
  let tail = 0;
  for (let sum = Math.ceil(statistic - 1e-9); sum <= total; sum += 1) tail += shares[sum] ?? 0;
  return Math.min(1, tail);
}
