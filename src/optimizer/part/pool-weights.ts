import { normalise } from '../../program/normalise.ts';
import { poolChoiceScores } from '../../program/pool-choice-scores.ts';
import type { DemoSet } from '../../prompt/candidate.ts';

/** A row whose choices every set of a pool has scored. */
export interface PooledRow {
  /** The log-probability of each choice, one list for each set. */
  readonly scores: readonly (readonly number[])[];
  /** The index of the right choice. */
  readonly target: number;
}

/** The weights that are tried for each set. */
const grid = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 1] as const;
/** What a set has to add to the mean log-probability of the right answer, in nats, to be worth its calls. */
const leastGain = 0.01;

/**
 * The weights of the sets of a pool under which the right answers are likeliest on average, each from 0 (left out) to
 * 1, found by trying all combinations of a few values, the sets' own offsets included. A set that adds next to
 * nothing is left out.
 *
 * @see Wolpert 1992, "Stacked Generalization", https://doi.org/10.1016/S0893-6080(05)80023-1; Breiman 1996, "Stacked
 *   Regressions", whose weights are not negative either.
 */
export function poolWeights(
  rows: readonly PooledRow[],
  {
    sets,
    choices,
  }: { readonly sets: readonly Pick<DemoSet, 'offsets'>[]; readonly choices: readonly string[] },
): readonly number[] {
  const single = rows.map(({ scores, target }) => ({
    target,
    logProbabilities: scores.map((own, index) => logProbabilitiesOf(own, sets[index], choices)),
  }));
  let best: Weighed | undefined;
  for (const weights of combinations(sets.length)) {
    const used = weights.filter((weight) => weight > 0).length;
    if (used === 0) continue;
    const weighed = { weights, used, value: meanLogProbability(single, weights) };
    if (best === undefined || worthOf(weighed) > worthOf(best)) best = weighed;
  }
  return best?.weights ?? sets.map(() => 1);
}

interface Weighed {
  readonly weights: readonly number[];
  readonly used: number;
  readonly value: number;
}

function worthOf({ value, used }: Weighed): number {
  return value - leastGain * used;
}

function logProbabilitiesOf(
  own: readonly number[],
  set: Pick<DemoSet, 'offsets'> | undefined,
  choices: readonly string[],
): readonly number[] {
  const { probabilities } = poolChoiceScores([own], {
    choices,
    sets: [{ offsets: set?.offsets }],
    offsets: {},
  });
  return probabilities.map((probability) => Math.log(Math.max(probability, 1e-30)));
}

function meanLogProbability(
  rows: readonly { readonly target: number; readonly logProbabilities: readonly (readonly number[])[] }[],
  weights: readonly number[],
): number {
  let sum = 0;
  for (const { target, logProbabilities } of rows) {
    const [first = []] = logProbabilities;
    const pooled = first.map((_, choice) =>
      weights.reduce((total, weight, set) => total + weight * (logProbabilities[set]?.[choice] ?? 0), 0),
    );
    sum += Math.log(Math.max(normalise(pooled)[target] ?? 0, 1e-12));
  }
  return sum / Math.max(1, rows.length);
}

function* combinations(count: number): Generator<readonly number[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const first of grid) for (const rest of combinations(count - 1)) yield [first, ...rest];
}
