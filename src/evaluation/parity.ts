import { normalQuantile } from '../base/distributions.ts';
import type { Random } from '../base/random.ts';
import type { CompareScoresOptions, ScorePair } from './compare.ts';
import { bothScored, countRows, worstForWinner } from './one-sided-pairs.ts';
import { bcaInterval } from './statistics/bca.ts';
import { mean, standardDeviation } from './statistics/mean.ts';
import { newcombePairedInterval } from './statistics/newcombe-paired.ts';
import { countPairs } from './statistics/paired-counts.ts';
import { averageByCluster, type PairedUnit } from './statistics/paired-units.ts';
import { requireSample } from './statistics/sample.ts';
import { correctionFor } from './use-correction.ts';

/**
 * - `parity`: the successor is not worse by the margin or more. It may be better.
 * - `not-shown`: it may be worse by the margin or more; that is no proof that it is.
 * - `incomplete`: more than 5 % of the rows were lost, or parity would not hold if the rows that only one side has a
 *   score for had gone against the successor.
 */
export type ParityVerdict = 'parity' | 'not-shown' | 'incomplete';

/** A successor beside what it replaces, on the same rows: non-inferiority. JSON. */
export interface ParityComparison {
  readonly verdict: ParityVerdict;
  /** Rows that both have a score for. */
  readonly rows: number;
  /** What counts once among them. */
  readonly clusters: number;
  /** Rows that either lost. */
  readonly lost: number;
  /** Means over clusters. */
  readonly predecessor: number;
  readonly successor: number;
  /** Successor − predecessor. */
  readonly difference: number;
  /** One-sided 95 % lower bound of the difference; further down where the rows served other comparisons before. */
  readonly lowerBound: number;
  /** What the successor may lose: above 0. */
  readonly margin: number;
  /** Rows of a test that shows parity in four of five runs if both are equally good; where it was not shown. */
  readonly rowsNeeded?: number | undefined;
}

export interface ParityOptions extends Omit<CompareScoresOptions, 'pairs'> {
  /** The predecessor as `seed`, the successor as `winner`. */
  readonly pairs: readonly ScorePair[];
  /** The largest loss that still is parity, above 0, at most 1. */
  readonly margin: number;
}

const mostLost = 0.05;
const significance = 0.05;
const power = 0.8;

/**
 * Whether a successor is at least as good as what it replaces, but for a margin: its one-sided 95 % lower bound must
 * lie above −margin. For pass/fail Newcombe's paired interval, for graded scores the BCa bootstrap, which must hold
 * with one more pair at the worst value too. With rows that served k comparisons before, the chance to err is
 * divided as that of a test is.
 *
 * @throws {HoneError} `HONE_EMPTY_SAMPLE` when no row has a score on both sides.
 */
export function compareParity(options: ParityOptions): ParityComparison {
  const { pairs, margin, failValue = 0 } = options;
  const scored = pairs.flatMap(bothScored);
  requireSample('comparison', scored.length);
  const counts = countRows(pairs);
  const units = averageByCluster(scored);
  const lowerBound = lowerBoundOf(units, options);
  const against = counts.oneSidedEntries
    ? lowerBoundOf(averageByCluster(worstForWinner(pairs, failValue)), {
        ...options,
        random: options.random.fork('against'),
      })
    : lowerBound;
  const rows = new Set(scored.map(({ exampleId }) => exampleId)).size;
  const isLost = counts.lost / (rows + counts.lost) > mostLost;
  const holds = lowerBound > -margin;
  const verdict = isLost || (holds && against <= -margin) ? 'incomplete' : holds ? 'parity' : 'not-shown';
  const predecessor = mean(units.map(({ seed }) => seed));
  const successor = mean(units.map(({ winner }) => winner));
  return {
    verdict,
    rows,
    clusters: units.length,
    lost: counts.lost,
    predecessor,
    successor,
    difference: successor - predecessor,
    lowerBound,
    margin,
    ...(verdict === 'not-shown' && { rowsNeeded: rowsForParity(units, options) }),
  };
}

type BoundOptions = Pick<ParityOptions, 'passFail' | 'earlierUses' | 'random' | 'resamples'>;

function lowerBoundOf(
  units: readonly PairedUnit[],
  { passFail, earlierUses = 0, random, resamples = 10_000 }: BoundOptions,
): number {
  const confidence = 1 - (2 * significance) / correctionFor(earlierUses);
  const isBinary = units.every(({ seed, winner }) => isPassOrFail(seed) && isPassOrFail(winner));
  if (passFail && isBinary) {
    const counts = countPairs(units.map(({ seed, winner }) => ({ baseline: seed, challenger: winner })));
    return newcombePairedInterval(counts, { confidence })[0];
  }
  const differences = units.map(({ seed, winner }) => winner - seed);
  const bound = (values: readonly number[], of: { readonly random: Random; readonly accelerated: boolean }) =>
    bcaInterval(values, { ...of, resamples, confidence }).interval[0];
  return Math.min(
    bound(differences, { random: random.fork('bootstrap'), accelerated: true }),
    // Losses of everything on a few rows may not have been seen.
    bound([...differences, -1], { random: random.fork('bootstrap-worst'), accelerated: false }),
  );
}

/** By the normal approximation, with the spread that was seen and one loss and one gain more. */
function rowsForParity(units: readonly PairedUnit[], { margin, earlierUses = 0 }: ParityOptions): number {
  const differences = [...units.map(({ seed, winner }) => winner - seed), -1, 1];
  const quantiles = normalQuantile(1 - significance / correctionFor(earlierUses)) + normalQuantile(power);
  return Math.ceil(((quantiles * standardDeviation(differences)) / margin) ** 2);
}

function isPassOrFail(value: number): boolean {
  return value === 0 || value === 1;
}
