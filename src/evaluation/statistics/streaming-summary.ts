import type { Random } from '../../base/random.ts';
import type { Outcome, ScoreSummary } from '../evaluation.ts';
import { createNumbers, type Numbers } from './numbers.ts';
import { type ClusterSum, clusteredInterval, rowsForT, scoreInterval } from './score-interval.ts';

/** Takes the outcomes of one scorer, row by row, as they come, in memory that grows with the clusters, and by sixteen bytes a row. */
export interface ScoreAccumulator {
  /**
   * One row: its outcome, or one for each trial, averaged.
   *
   * @param counts What the row counts once with in the interval. @default the row alone
   */
  add(
    outcome: Outcome | readonly Outcome[],
    counts?: {
      /** Its group. */
      readonly cluster?: string | undefined;
      /** A hash of what it asks, 0 to 2^53: rows outside of groups with the same one are copies. */
      readonly content?: number | undefined;
    },
  ): void;
  /**
   * The summary of what was added so far.
   *
   * Without a scored row it has no mean, and the interval [0, 1].
   */
  summary(): ScoreSummary;
}

export interface ScoreAccumulatorOptions {
  /** The scorer's. */
  readonly name: string;
  /** Whether every score is 0 or 1. One that is not makes the sample a graded one. */
  readonly passFail: boolean;
  /** For the bootstrap of few rows. */
  readonly random: Random;
  /** Bootstrap samples. @default 2_000 */
  readonly resamples?: number | undefined;
}

/**
 * Mean, spread and a 95 % interval of scores from 0 to 1, for any number of rows.
 *
 * @see Welford 1962, "Note on a Method for Calculating Corrected Sums of Squares and Products".
 */
export function createScoreAccumulator(options: ScoreAccumulatorOptions): ScoreAccumulator {
  const counts = { scored: 0, failed: 0, unscored: 0, infrastructureErrors: 0 };
  const failures = new Map<string, number>();
  const first: number[] = [];
  const values = createNumbers();
  let rows = 0;
  let mean = 0;
  let squares = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let binary = true;
  const alone = createMoments();
  const clusters = createClusters<string>();
  /** Beside each value: its content, below 0 where it is not known, not a number for a row of a group. */
  const contents = createNumbers();

  /** Rows that stand alone, and what counts once: the groups, and the copies among the other rows. */
  function units(): { readonly alone: Moments; readonly clusters: readonly ClusterSum[] } {
    const repeated = repeatedOf(contents);
    if (repeated.size === 0) return { alone, clusters: clusters.sums() };
    const single = createMoments();
    const copies = createClusters<number>();
    let row = 0;
    for (const value of values) {
      const content = contents.at(row) ?? Number.NaN;
      row += 1;
      if (repeated.has(content)) copies.add(content, value);
      else if (!Number.isNaN(content)) single.add(value);
    }
    return { alone: single, clusters: [...clusters.sums(), ...copies.sums()] };
  }

  function addValue(
    value: number,
    { cluster, content }: { readonly cluster?: string | undefined; readonly content?: number | undefined },
  ): void {
    rows += 1;
    contents.push(cluster === undefined ? (content ?? -rows) : Number.NaN);
    if (cluster === undefined) alone.add(value);
    else clusters.add(cluster, value);
    const before = value - mean;
    mean += before / rows;
    squares += before * (value - mean);
    minimum = Math.min(minimum, value);
    values.push(value);
    binary &&= value === 0 || value === 1;
    if (first.length < rowsForT) first.push(value);
  }

  return {
    add(row, counted = {}) {
      const scores: number[] = [];
      for (const outcome of [row].flat() as readonly Outcome[]) {
        if ('value' in outcome) scores.push(outcome.value);
        if (outcome.status === 'failed') {
          counts.failed += 1;
          const fault = outcome.fault ?? 'code';
          failures.set(fault, (failures.get(fault) ?? 0) + 1);
        }
        if (outcome.status === 'unscored') counts.unscored += 1;
        if (outcome.status === 'infrastructure-error') counts.infrastructureErrors += 1;
      }
      counts.scored += scores.length;
      if (scores.length > 0) addValue(scores.reduce((sum, value) => sum + value, 0) / scores.length, counted);
    },
    summary() {
      const { name, passFail } = options;
      const others = { ...counts, ...(failures.size > 0 && { failures: Object.fromEntries(failures) }) };
      if (rows === 0) {
        return { name, rows, standardDeviation: 0, interval: [0, 1], ...others };
      }
      const standardDeviation = rows === 1 ? 0 : Math.sqrt(squares / (rows - 1));
      const moments = { rows, mean, standardDeviation };
      const { alone, clusters } = units();
      const found =
        clusters.length > 0
          ? clusteredInterval({ rows, mean, isBinary: binary, clusters, alone })
          : scoreInterval({ ...options, ...moments, isBinary: binary && passFail, first });
      return {
        name,
        ...moments,
        minimum,
        // A score that a row has: between a pass and a failure there is none.
        lowestTenth: values.sorted()[Math.ceil(0.1 * rows) - 1],
        ...found,
        ...(clusters.length > 0 && { clusters: clusters.length + alone.rows }),
        ...others,
      };
    },
  };
}

interface Moments {
  readonly rows: number;
  readonly mean: number;
  /** Σ (value − mean)². */
  readonly squares: number;
}

function createMoments(): Moments & { add(value: number): void } {
  const moments = {
    rows: 0,
    mean: 0,
    squares: 0,
    add(value: number) {
      moments.rows += 1;
      const from = value - moments.mean;
      moments.mean += from / moments.rows;
      moments.squares += from * (value - moments.mean);
    },
  };
  return moments;
}

function createClusters<Key>() {
  const sums = new Map<Key, { rows: number; sum: number }>();
  return {
    add(key: Key, value: number) {
      const known = sums.get(key) ?? { rows: 0, sum: 0 };
      sums.set(key, known);
      known.rows += 1;
      known.sum += value;
    },
    sums: (): readonly ClusterSum[] => [...sums.values()],
  };
}

function repeatedOf(contents: Numbers): ReadonlySet<number> {
  const repeated = new Set<number>();
  let before = Number.NaN;
  for (const content of contents.sorted()) {
    if (content === before) repeated.add(content);
    before = content;
  }
  return repeated;
}

/**
 * The same for scores that are already at hand.
 *
 * @returns Without a mean, and with `rows` 0, when nothing was scored.
 */
export function summarizeScores(outcomes: Iterable<Outcome>, options: ScoreAccumulatorOptions): ScoreSummary {
  const accumulator = createScoreAccumulator(options);
  for (const outcome of outcomes) accumulator.add(outcome);
  return accumulator.summary();
}
