import type { DemoSet } from '../prompt/candidate.ts';
import { normalise } from './normalise.ts';

/** The answers of one row over all demo sets, as probabilities that add up to 1. */
export interface PooledChoices {
  /** In the order of the choices. */
  readonly probabilities: readonly number[];
  readonly best: string;
}

export interface PoolOptions {
  readonly choices: readonly string[];
  /** Weight and calibration of each set, in the order of the scores. */
  readonly sets: readonly Pick<DemoSet, 'weight' | 'offsets'>[];
  /** Added to the pooled log-probability of each choice, in nats. */
  readonly offsets: Readonly<Record<string, number>>;
}

/**
 * Pools log-probabilities (one list for each demo set) into one distribution: each list gets its set's
 * offsets and is normalised, the lists are added up by weight (a logarithmic opinion pool), `offsets` are
 * added, and the result is normalised. On a tie the earlier choice wins.
 *
 * @see Genest & Zidek 1986, "Combining Probability Distributions: A Critique and an Annotated Bibliography",
 *   §3.2. https://doi.org/10.1214/ss/1177013825
 */
export function poolChoiceScores(
  scores: readonly (readonly number[])[],
  options: PoolOptions,
): PooledChoices {
  const { choices, sets, offsets } = options;
  const pooled = choices.map((choice) => offsets[choice] ?? 0);
  for (const [set, logProbabilities] of scores.entries()) {
    const { weight = 1, offsets: own = {} } = sets[set] ?? {};
    const shifted = logProbabilities.map((value, index) => value + (own[choices[index] ?? ''] ?? 0));
    for (const [index, probability] of normalise(shifted).entries()) {
      pooled[index] = (pooled[index] ?? 0) + weight * Math.log(Math.max(probability, smallestProbability));
    }
  }
  const probabilities = normalise(pooled);
  let best = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (probability > (probabilities[best] ?? 0)) best = index;
  }
  return { probabilities, best: choices[best] ?? '' };
}

/** Keeps one set that rules an answer out from overruling all others. */
const smallestProbability = 1e-30;
