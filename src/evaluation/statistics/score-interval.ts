import { studentTQuantile } from '../../base/distributions.ts';
import type { Random } from '../../base/random.ts';
import { bcaInterval } from './bca.ts';
import type { Interval } from './sample.ts';
import { type SampleMoments, tInterval } from './t-interval.ts';
import { wilsonInterval } from './wilson.ts';

/** What is known of scores from 0 to 1. */
export interface ScoreSample extends SampleMoments {
  /** Whether every score is 0 or 1. */
  readonly isBinary: boolean;
  /** All scores below {@link rowsForT} rows, the first ones else. */
  readonly first: readonly number[];
  /** For the bootstrap of few rows. */
  readonly random: Random;
  /** Bootstrap samples. @default 2_000 */
  readonly resamples?: number | undefined;
}

/** The rows of one cluster. */
export interface ClusterSum {
  readonly rows: number;
  readonly sum: number;
}

export interface ScoreInterval {
  readonly interval: Interval;
  /** What a reader must know beside it. */
  readonly note?: string | undefined;
}

/** From here on the t interval is as good as the bootstrap. */
export const rowsForT = 30;

/** Squared distances from the mean that add up to this many of the worst one: rare ones may have been missed. */
const leastSpread = 2;

/**
 * 95 % interval of a mean of independent scores: Wilson for passes and fails, BCa below 30 rows, t from there on.
 * Where so little spread was seen in 30 rows or more that a few at 0 (or at 1) may have been missed, that side is the
 * bound with one such row added, and the note says so.
 */
export function scoreInterval(sample: ScoreSample): ScoreInterval {
  const { rows, mean, standardDeviation, isBinary } = sample;
  // Equal scores show no spread, which is no proof that there is none: Wilson stays honest, and wide.
  if (isBinary || standardDeviation === 0) {
    return { interval: wilsonInterval({ successes: mean * rows, rows }) };
  }
  if (rows < rowsForT) return { interval: bootstrapInterval(sample) };
  const [low, high] = tInterval(sample);
  const squares = (rows - 1) * standardDeviation ** 2;
  const mayFall = squares < leastSpread * mean ** 2;
  const mayRise = squares < leastSpread * (1 - mean) ** 2;
  const interval = [
    Math.max(0, mayFall ? Math.min(low, tInterval(withScore(sample, 0))[0]) : low),
    Math.min(1, mayRise ? Math.max(high, tInterval(withScore(sample, 1))[1]) : high),
  ] as const;
  if (!mayFall && !mayRise) return { interval };
  return {
    interval,
    note: 'The scores spread little, so the interval allows for one unseen row far from them and covers more than 95 %.',
  };
}

function bootstrapInterval({ first, random, resamples }: ScoreSample): Interval {
  // Sorted, so that the interval does not depend on the order in which rows came.
  const values = [...first].sort((a, b) => a - b);
  const [low, high] = bcaInterval(values, { random: random.fork('summary'), resamples }).interval;
  return [Math.max(0, low), Math.min(1, high)];
}

/** The moments with one more score. */
function withScore({ rows, mean, standardDeviation }: SampleMoments, score: number): SampleMoments {
  const more = rows + 1;
  const moved = mean + (score - mean) / more;
  const squares = (rows - 1) * standardDeviation ** 2 + (score - mean) * (score - moved);
  return { rows: more, mean: moved, standardDeviation: Math.sqrt(squares / (more - 1)) };
}

/** Scores of which some share a cluster. */
export interface ClusteredSample {
  readonly rows: number;
  readonly mean: number;
  readonly clusters: readonly ClusterSum[];
  /** The rows in no cluster. */
  readonly alone: {
    readonly rows: number;
    readonly mean: number;
    /** Σ (score − their mean)². */
    readonly squares: number;
  };
}

/**
 * Standard error of a mean over rows, where rows of one cluster go together (CR1); infinite for a single cluster.
 *
 * @see Miller 2024, "Adding Error Bars to Evals", §2.2. https://arxiv.org/abs/2411.00640
 */
export function clusteredStandardError({ rows, mean, clusters, alone }: ClusteredSample): number {
  const units = clusters.length + alone.rows;
  if (units < 2) return Number.POSITIVE_INFINITY;
  let squares = alone.squares + alone.rows * (alone.mean - mean) ** 2;
  for (const cluster of clusters) squares += (cluster.sum - cluster.rows * mean) ** 2;
  return Math.sqrt((units / (units - 1)) * squares) / rows;
}

/**
 * 95 % interval of a mean over rows with a clustered standard error: t with one degree of freedom less than clusters;
 * for passes and fails Wilson's interval of as many independent rows as would have that standard error.
 */
export function clusteredInterval(sample: ClusteredSample & Pick<ScoreSample, 'isBinary'>): ScoreInterval {
  const { mean, clusters, alone, isBinary } = sample;
  const units = clusters.length + alone.rows;
  const error = clusteredStandardError(sample);
  const note = `The interval counts ${units} groups and single rows, not ${sample.rows} rows.`;
  if (!Number.isFinite(error)) return { interval: [0, 1], note };
  const variance = mean * (1 - mean);
  if (error === 0 || (isBinary && variance > 0)) {
    // Groups that are less alike than chance would make them do not count as more rows than they have.
    const rows = error === 0 ? units : Math.min(sample.rows, variance / error ** 2);
    return { interval: wilsonInterval({ successes: mean * rows, rows }), note };
  }
  const half = studentTQuantile(0.975, units - 1) * error;
  return { interval: [Math.max(0, mean - half), Math.min(1, mean + half)], note };
}
