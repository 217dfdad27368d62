import type { Random } from '../base/random.ts';
import { bcaInterval } from './statistics/bca.ts';
import { fewestDiscordantPairs, mcnemarTest } from './statistics/mcnemar.ts';
import { mean, standardDeviation } from './statistics/mean.ts';
import { newcombePairedInterval } from './statistics/newcombe-paired.ts';
import { countPairs } from './statistics/paired-counts.ts';
import { minimumDetectableEffect, minimumDetectableMeanDifference } from './statistics/power.ts';
import { type Interval, requireSample } from './statistics/sample.ts';
import { signFlipTest } from './statistics/sign-flip.ts';

/** The scores of the seed and the winner on one row. Several trials of a row are averaged before. */
export interface ScorePair {
  readonly exampleId: string;
  readonly seed: number;
  readonly winner: number;
}

export type ComparisonVerdict = 'improved' | 'no-reliable-improvement' | 'incomplete';

/** Seed and winner side by side on the same rows. JSON. */
export interface Comparison {
  /** Pairs that both have a score. */
  readonly rows: number;
  /** Pairs lost to the infrastructure: in no figure here. */
  readonly lost: number;
  readonly seedMean: number;
  readonly winnerMean: number;
  /** Winner − seed. */
  readonly difference: number;
  /** 95 % interval of the paired difference. */
  readonly interval: Interval;
  readonly intervalMethod: 'newcombe-paired' | 'bca' | 'percentile';
  /** Two-sided. */
  readonly pValue: number;
  /** Of pass/fail scores: the less conservative p, shown beside the exact one. */
  readonly midP?: number | undefined;
  readonly test: 'mcnemar-exact' | 'sign-flip';
  /** Ids of the rows where the winner scores higher, in the order of the rows. */
  readonly fixed: readonly string[];
  /** Ids of the rows where the winner scores lower. */
  readonly broken: readonly string[];
  readonly verdict: ComparisonVerdict;
  /** The true difference that so many rows find with a chance of 80 %. */
  readonly minimumDetectableEffect: number;
  /** What a reader must know beside the figures. */
  readonly note?: string | undefined;
}

export interface CompareScoresOptions {
  readonly pairs: readonly ScorePair[];
  /** Whether every score is 0 or 1. One that is not makes it a graded comparison. */
  readonly passFail: boolean;
  /** Pairs left out because of faults. @default 0 */
  readonly lost?: number | undefined;
  /** For the permutations and the bootstrap. */
  readonly random: Random;
  /** Permutations and bootstrap samples. @default 10_000 */
  readonly resamples?: number | undefined;
}

/** Largest share of lost pairs with which a verdict is given. */
const mostLost = 0.05;
const significance = 0.05;

/**
 * Whether the winner is better than the seed, on rows that no search has seen. `improved` needs both p ≤ 0.05
 * two-sided and a 95 % interval above 0: exact McNemar and Newcombe's paired interval for pass/fail, sign-flip
 * permutation and BCa bootstrap for graded scores.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when no pair is left.
 */
export function compareScores(options: CompareScoresOptions): Comparison {
  const { pairs, passFail, lost = 0 } = options;
  requireSample('comparison', pairs.length);
  const seedMean = mean(pairs.map((pair) => pair.seed));
  const winnerMean = mean(pairs.map((pair) => pair.winner));
  const fixed = pairs.filter((pair) => pair.winner > pair.seed).map((pair) => pair.exampleId);
  const broken = pairs.filter((pair) => pair.winner < pair.seed).map((pair) => pair.exampleId);
  const isBinary = pairs.every(({ seed, winner }) => isPassOrFail(seed) && isPassOrFail(winner));
  const tested = passFail && isBinary ? comparePassFail(pairs) : compareGraded(options);
  return {
    rows: pairs.length,
    lost,
    seedMean,
    winnerMean,
    difference: winnerMean - seedMean,
    ...tested,
    fixed,
    broken,
    verdict: verdictOf({ ...tested, lostShare: lost / (pairs.length + lost) }),
    note: noteOf(fixed.length + broken.length, pairs.length),
  };
}

type Tested = Pick<
  Comparison,
  'interval' | 'intervalMethod' | 'pValue' | 'midP' | 'test' | 'minimumDetectableEffect'
>;

function comparePassFail(pairs: readonly ScorePair[]): Tested {
  const counts = countPairs(pairs.map(({ seed, winner }) => ({ baseline: seed, challenger: winner })));
  const { pValue, midP } = mcnemarTest(counts);
  return {
    interval: newcombePairedInterval(counts),
    intervalMethod: 'newcombe-paired',
    pValue,
    midP,
    test: 'mcnemar-exact',
    minimumDetectableEffect: minimumDetectableEffect(pairs.length, {
      discordantRate: discordantRateOf(counts.onlyBaseline + counts.onlyChallenger, pairs.length),
    }),
  };
}

function compareGraded({ pairs, random, resamples = 10_000 }: CompareScoresOptions): Tested {
  const differences = Float64Array.from(pairs, ({ seed, winner }) => winner - seed);
  const bootstrap = bcaInterval(differences, { random: random.fork('bootstrap'), resamples });
  const deviation = standardDeviation(differences);
  return {
    interval: bootstrap.interval,
    intervalMethod: bootstrap.method,
    pValue: signFlipTest(differences, { random: random.fork('sign-flip'), resamples }).pValue,
    test: 'sign-flip',
    // Without any spread the pairs do not say what could be found; the default of pass/fail does.
    minimumDetectableEffect:
      deviation === 0
        ? minimumDetectableEffect(pairs.length)
        : Math.min(1, minimumDetectableMeanDifference(pairs.length, { standardDeviation: deviation })),
  };
}

/** From 30 pairs on as observed, with one pair of each kind added so that it is neither 0 nor 1; else unknown. */
function discordantRateOf(discordant: number, rows: number): number | undefined {
  return rows < 30 ? undefined : (discordant + 1) / (rows + 2);
}

function verdictOf({
  pValue,
  interval,
  lostShare,
}: Pick<Comparison, 'pValue' | 'interval'> & { readonly lostShare: number }): ComparisonVerdict {
  if (lostShare > mostLost) return 'incomplete';
  return pValue <= significance && interval[0] > 0 ? 'improved' : 'no-reliable-improvement';
}

/** Of n differing pairs the smallest two-sided p is 2 · 0.5ⁿ, whichever of the two tests. */
function noteOf(discordant: number, rows: number): string | undefined {
  if (discordant >= fewestDiscordantPairs) return undefined;
  return `Only ${discordant} of ${rows} rows differ; with fewer than ${fewestDiscordantPairs} no difference can be significant yet.`;
}

function isPassOrFail(value: number): boolean {
  return value === 0 || value === 1;
}
