import type { Random } from '../base/random.ts';
import { clusterNote, fewDifferNote, noteOf, noteOnUses, oneSidedNote } from './comparison-notes.ts';
import { bothScored, countRows, worstForWinner } from './one-sided-pairs.ts';
import { gradedDifference } from './statistics/graded-difference.ts';
import { mcnemarTest } from './statistics/mcnemar.ts';
import { mean, standardDeviation } from './statistics/mean.ts';
import { newcombePairedInterval } from './statistics/newcombe-paired.ts';
import { countPairs } from './statistics/paired-counts.ts';
import { averageByCluster, averageByRow, type PairedUnit } from './statistics/paired-units.ts';
import { minimumDetectableEffect, minimumProvableMeanDifference } from './statistics/power.ts';
import { type Interval, requireSample } from './statistics/sample.ts';
import { correctionFor } from './use-correction.ts';

/** A score from 0 to 1; or why there is none: `lost` to the infrastructure, or `unscored` (not applicable). */
export type PairSide = number | 'lost' | 'unscored';

/** Seed and winner on one row. Several entries with one id are trials of the row. */
export interface ScorePair {
  readonly exampleId: string;
  /**
   * Rows of one cluster (copies, near-duplicates, rows of one group) are averaged and count once.
   * @default the row stands alone
   */
  readonly cluster?: string | undefined;
  readonly seed: PairSide;
  readonly winner: PairSide;
}

export type ComparisonVerdict = 'improved' | 'no-reliable-improvement' | 'incomplete';

/** Seed and winner side by side on the same rows. JSON. */
export interface Comparison {
  /** Rows that both have a score for: the only ones in the figures. */
  readonly rows: number;
  /** What counts once among them: clusters, and rows that stand alone. */
  readonly clusters: number;
  /** Rows that either side lost to the infrastructure. */
  readonly lost: number;
  /** Rows with a score of one side alone, whatever the reason; those of `winner` never help it. */
  readonly oneSided: { readonly seed: number; readonly winner: number };
  /** Means over clusters: each counts once, however many rows it has. */
  readonly seedMean: number;
  readonly winnerMean: number;
  /** Winner − seed. */
  readonly difference: number;
  /** 95 % interval of the paired difference. */
  readonly interval: Interval;
  /**
   * `bca-widened` covers more than 95 %: it allows for one unseen pair at the worst and the best value. `normal`: of
   * more than 5,000 differing pairs, the limit of the bootstrap.
   */
  readonly intervalMethod: 'newcombe-paired' | 'bca' | 'bca-widened' | 'normal';
  /** Two-sided; multiplied where the rows served earlier comparisons. */
  readonly pValue: number;
  /** Of pass/fail scores: the less conservative p, shown beside the exact one. */
  readonly midP?: number | undefined;
  readonly test: 'mcnemar-exact' | 'sign-flip' | 'sign-flip-normal';
  /** The same with every row that one side lacks counted against the winner; only where there is such a row. */
  readonly against?: Against | undefined;
  /** Ids of the rows where the winner scores higher, in the order of the rows. */
  readonly fixed: readonly string[];
  /** Ids of the rows where the winner scores lower. */
  readonly broken: readonly string[];
  readonly verdict: ComparisonVerdict;
  /** The true difference that so many clusters find with a chance of 80 %. */
  readonly minimumDetectableEffect: number;
  /** What a reader must know beside the figures. */
  readonly note?: string | undefined;
}

/** Rows that the winner alone lacks at its fail value, rows that the seed alone lost at 1. */
export interface Against {
  readonly difference: number;
  readonly interval: Interval;
  readonly pValue: number;
}

export interface CompareScoresOptions {
  readonly pairs: readonly ScorePair[];
  /** Whether every score is 0 or 1. One average that is not makes it a graded comparison. */
  readonly passFail: boolean;
  /** What an answer that could not be used scores. @default 0 */
  readonly failValue?: number | undefined;
  /** Comparisons that these rows served before: p is multiplied, see {@link correctionFor}. @default 0 */
  readonly earlierUses?: number | undefined;
  /** For the permutations and the bootstrap. */
  readonly random: Random;
  /** Permutations and bootstrap samples. @default 10_000 */
  readonly resamples?: number | undefined;
}

/** Largest share of lost rows with which a verdict is given. */
const mostLost = 0.05;
const significance = 0.05;
/** Averages of equal scores differ by rounding at most. */
const negligible = 1e-12;

/**
 * Whether the winner is better than the seed, on rows that no search has seen. Trials are averaged within their row
 * and rows within their cluster before anything is counted. `improved` needs p ≤ 0.05 two-sided and a 95 % interval
 * above 0: exact McNemar and Newcombe's paired interval for pass/fail, sign-flip permutation and BCa bootstrap for
 * graded scores, where both must also hold with one more pair at the worst value. (McNemar is exact however rare
 * the losses are.) It must hold as well with every one-sided row against the winner, else `incomplete`.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when no row has a score on both sides.
 */
export function compareScores(options: CompareScoresOptions): Comparison {
  const { pairs, earlierUses = 0 } = options;
  const scored = pairs.flatMap(bothScored);
  requireSample('comparison', scored.length);
  const counts = countRows(pairs);
  const rows = averageByRow(scored);
  const units = averageByCluster(scored);
  const tested = compareUnits(units, options);
  const against = counts.oneSidedEntries ? testAgainst(options) : undefined;
  const lostShare = counts.lost / (rows.length + counts.lost);
  const differing = units.filter(differs).length;
  return {
    rows: rows.length,
    clusters: units.length,
    lost: counts.lost,
    oneSided: counts.oneSided,
    seedMean: mean(units.map(({ seed }) => seed)),
    winnerMean: mean(units.map(({ winner }) => winner)),
    difference: differenceOf(units),
    ...tested.figures,
    ...(against !== undefined && { against: against.figures }),
    fixed: rows.filter((row) => differs(row) && row.winner > row.seed).map(({ key }) => key),
    broken: rows.filter((row) => differs(row) && row.winner < row.seed).map(({ key }) => key),
    verdict: verdictOf({ lostShare, holds: tested.holds, holdsAgainst: against?.holds ?? true }),
    note: noteOf([
      clusterNote(rows.length, units.length),
      fewDifferNote(differing, units.length),
      tested.note,
      oneSidedNote(counts.oneSided, against?.figures, tested.holds && against?.holds === false),
      earlierUses > 0 ? noteOnUses(earlierUses) : undefined,
    ]),
  };
}

/** One comparison with what decides it. */
interface Tested {
  readonly figures: Pick<
    Comparison,
    'interval' | 'intervalMethod' | 'pValue' | 'midP' | 'test' | 'minimumDetectableEffect'
  >;
  /** Whether it proves an improvement. */
  readonly holds: boolean;
  readonly note?: string | undefined;
}

function compareUnits(units: readonly PairedUnit[], options: CompareScoresOptions): Tested {
  const isBinary = units.every(({ seed, winner }) => isPassOrFail(seed) && isPassOrFail(winner));
  return options.passFail && isBinary ? comparePassFail(units, options) : compareGraded(units, options);
}

function comparePassFail(units: readonly PairedUnit[], { earlierUses = 0 }: CompareScoresOptions): Tested {
  const counts = countPairs(units.map(({ seed, winner }) => ({ baseline: seed, challenger: winner })));
  const { pValue: single, midP } = mcnemarTest(counts);
  const pValue = Math.min(1, single * correctionFor(earlierUses));
  const interval = newcombePairedInterval(counts);
  return {
    figures: {
      interval,
      intervalMethod: 'newcombe-paired',
      pValue,
      midP,
      test: 'mcnemar-exact',
      minimumDetectableEffect: minimumDetectableEffect(units.length, {
        discordantRate: discordantRateOf(counts.onlyBaseline + counts.onlyChallenger, units.length),
      }),
    },
    holds: pValue <= significance && interval[0] > 0,
  };
}

function compareGraded(
  units: readonly PairedUnit[],
  { random, resamples = 10_000, earlierUses = 0 }: CompareScoresOptions,
): Tested {
  const differences = units.map((unit) => (differs(unit) ? unit.winner - unit.seed : 0));
  const correction = correctionFor(earlierUses);
  // The smallest p that random flips can show is one in their number.
  const flips = Math.min(1_000_000, Math.max(resamples, 200 * correction));
  const graded = gradedDifference(differences, { random, resamples, flips });
  const { interval, method, withWorst } = graded;
  const pValue = Math.min(1, graded.pValue * correction);
  const holdsPlain = pValue <= significance && interval[0] > 0;
  const worst = holdsPlain ? withWorst() : undefined;
  const holdsWithWorst = worst !== undefined && worst.pValue * correction <= significance && worst.low > 0;
  const deviation = standardDeviation(differences);
  return {
    figures: {
      interval,
      intervalMethod: method,
      pValue,
      test: method === 'normal' ? 'sign-flip-normal' : 'sign-flip',
      // Without any spread the pairs do not say what could be found; the default of pass/fail does.
      minimumDetectableEffect:
        deviation < negligible
          ? minimumDetectableEffect(units.length)
          : Math.min(1, minimumProvableMeanDifference(units.length, { standardDeviation: deviation })),
    },
    holds: holdsWithWorst,
    note: noteOf([
      method === 'normal'
        ? 'More than 5,000 rows differ, so the permutation and the bootstrap have given way to their normal limit.'
        : undefined,
      method === 'bca-widened'
        ? `${deviation < negligible ? 'All differences are equal, which is no proof that others would be' : 'The differences spread little'}: the interval allows for one unseen row at the worst and one at the best value, and so covers more than 95 %.`
        : undefined,
      holdsPlain && !holdsWithWorst
        ? 'With one more row that loses everything the difference would not be significant, and so few rows do not rule such rows out.'
        : undefined,
    ]),
  };
}

/** The pairs as they would be at their worst for the winner. */
function testAgainst(options: CompareScoresOptions): { figures: Against; holds: boolean } {
  const units = averageByCluster(worstForWinner(options.pairs, options.failValue ?? 0));
  const { figures, holds } = compareUnits(units, { ...options, random: options.random.fork('against') });
  const { interval, pValue } = figures;
  return { figures: { difference: differenceOf(units), interval, pValue }, holds };
}

/** From 30 units on as observed, with one of each kind added so that it is neither 0 nor 1; else unknown. */
function discordantRateOf(discordant: number, units: number): number | undefined {
  return units < 30 ? undefined : (discordant + 1) / (units + 2);
}

function verdictOf({
  lostShare,
  holds,
  holdsAgainst,
}: {
  readonly lostShare: number;
  readonly holds: boolean;
  readonly holdsAgainst: boolean;
}): ComparisonVerdict {
  if (lostShare > mostLost) return 'incomplete';
  if (!holds) return 'no-reliable-improvement';
  return holdsAgainst ? 'improved' : 'incomplete';
}

function differenceOf(units: readonly PairedUnit[]): number {
  return mean(units.map(({ winner }) => winner)) - mean(units.map(({ seed }) => seed));
}

function differs({ seed, winner }: PairedUnit): boolean {
  return Math.abs(winner - seed) > negligible;
}

function isPassOrFail(value: number): boolean {
  return value === 0 || value === 1;
}
