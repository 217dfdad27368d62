import type { Random } from '../../base/random.ts';
import type { Outcome, ScoreSummary } from '../evaluation.ts';
import { createNumbers } from './numbers.ts';
import { type ClusterSum, clusteredInterval, rowsForT, scoreInterval } from './score-interval.ts';

/** Takes the outcomes of one scorer, row by row, as they come, in memory that grows with the clusters, and by eight bytes a row. */
export interface ScoreAccumulator {
  /**
   * One row: its outcome, or one for each trial, averaged.
   *
   * @param cluster What the row counts once with in the interval. @default the row alone
   */
  add(outcome: Outcome | readonly Outcome[], cluster?: string): void;
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
  const alone = { rows: 0, mean: 0, squares: 0 };
  const clusters = new Map<string, ClusterSum>();

  function addValue(value: number, cluster: string | undefined): void {
    rows += 1;
    if (cluster === undefined) {
      alone.rows += 1;
      const from = value - alone.mean;
      alone.mean += from / alone.rows;
      alone.squares += from * (value - alone.mean);
    } else {
      const { rows: before, sum } = clusters.get(cluster) ?? { rows: 0, sum: 0 };
      clusters.set(cluster, { rows: before + 1, sum: sum + value });
    }
    const before = value - mean;
    mean += before / rows;
    squares += before * (value - mean);
    minimum = Math.min(minimum, value);
    values.push(value);
    binary &&= value === 0 || value === 1;
    if (first.length < rowsForT) first.push(value);
  }

  return {
    add(row, cluster) {
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
      if (scores.length > 0) addValue(scores.reduce((sum, value) => sum + value, 0) / scores.length, cluster);
    },
    summary() {
      const { name, passFail } = options;
      const others = { ...counts, ...(failures.size > 0 && { failures: Object.fromEntries(failures) }) };
      if (rows === 0) {
        return { name, rows, standardDeviation: 0, interval: [0, 1], ...others };
      }
      const standardDeviation = rows === 1 ? 0 : Math.sqrt(squares / (rows - 1));
      const moments = { rows, mean, standardDeviation };
      const found =
        clusters.size > 0
          ? clusteredInterval({ rows, mean, isBinary: binary, clusters: [...clusters.values()], alone })
          : scoreInterval({ ...options, ...moments, isBinary: binary && passFail, first });
      return {
        name,
        ...moments,
        minimum,
        // A score that a row has: between a pass and a failure there is none.
        lowestTenth: values.sorted()[Math.ceil(0.1 * rows) - 1],
        ...found,
        ...(clusters.size > 0 && { clusters: clusters.size + alone.rows }),
        ...others,
      };
    },
  };
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
