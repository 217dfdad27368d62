import type { Random } from '../../base/random.ts';
import type { Outcome, ScoreSummary } from '../evaluation.ts';
import { bcaInterval } from './bca.ts';
import type { Interval } from './sample.ts';
import { tInterval } from './t-interval.ts';
import { wilsonInterval } from './wilson.ts';

/** Takes the outcomes of one scorer, row by row, as they come, in memory that does not grow with them. */
export interface ScoreAccumulator {
  /** One row: its outcome, or one for each trial, averaged. */
  add(outcome: Outcome | readonly Outcome[]): void;
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

/** From here on the t interval is as good as the bootstrap. */
const rowsForT = 30;

/**
 * Mean, spread and a 95 % interval of scores from 0 to 1, for any number of rows.
 *
 * @see Welford 1962, "Note on a Method for Calculating Corrected Sums of Squares and Products".
 */
export function createScoreAccumulator(options: ScoreAccumulatorOptions): ScoreAccumulator {
  const counts = { scored: 0, failed: 0, unscored: 0, infrastructureErrors: 0 };
  const first: number[] = [];
  let rows = 0;
  let mean = 0;
  let squares = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let binary = true;

  function addValue(value: number): void {
    rows += 1;
    const before = value - mean;
    mean += before / rows;
    squares += before * (value - mean);
    minimum = Math.min(minimum, value);
    binary &&= value === 0 || value === 1;
    if (first.length < rowsForT) first.push(value);
  }

  return {
    add(row) {
      const values: number[] = [];
      for (const outcome of [row].flat() as readonly Outcome[]) {
        if ('value' in outcome) values.push(outcome.value);
        if (outcome.status === 'failed') counts.failed += 1;
        if (outcome.status === 'unscored') counts.unscored += 1;
        if (outcome.status === 'infrastructure-error') counts.infrastructureErrors += 1;
      }
      counts.scored += values.length;
      if (values.length > 0) addValue(values.reduce((sum, value) => sum + value, 0) / values.length);
    },
    summary() {
      const { name, passFail } = options;
      if (rows === 0) {
        return { name, rows, standardDeviation: 0, interval: [0, 1], ...counts };
      }
      const standardDeviation = rows === 1 ? 0 : Math.sqrt(squares / (rows - 1));
      const moments = { rows, mean, standardDeviation };
      const interval = scoreInterval({ ...options, ...moments, passFail: passFail && binary, first });
      return { name, ...moments, minimum, interval, ...counts };
    },
  };
}

/** Wilson for pass/fail, BCa below 30 rows, t from there on; kept within 0 to 1, where scores live. */
function scoreInterval({
  rows,
  mean,
  standardDeviation,
  passFail,
  first,
  random,
  resamples,
}: ScoreAccumulatorOptions & {
  readonly rows: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly first: readonly number[];
}): Interval {
  // Equal scores show no spread, which is no proof that there is none: Wilson stays honest, and wide.
  if (passFail || standardDeviation === 0) return wilsonInterval({ successes: mean * rows, rows });
  if (rows >= rowsForT) return within(tInterval({ rows, mean, standardDeviation }));
  // Sorted, so that the interval does not depend on the order in which rows came.
  const values = [...first].sort((a, b) => a - b);
  return within(bcaInterval(values, { random: random.fork('summary'), resamples }).interval);
}

function within([low, high]: Interval): Interval {
  return [Math.max(0, low), Math.min(1, high)];
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
