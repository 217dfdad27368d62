import type { Random } from '../../base/random.ts';
import { pickWeighted } from './instance-front.ts';

/** A combination of choices that was tried. */
export interface Trial {
  /** The choice of each variable, as an index. */
  readonly choices: readonly number[];
  /** Higher is better. */
  readonly value: number;
}

export interface TpeOptions {
  readonly random: Random;
  /** Trials before it stops choosing at random. @default 10 */
  readonly startup?: number | undefined;
  /** Draws of which the best is taken. @default 24 */
  readonly draws?: number | undefined;
}

/** Observations that keep their whole weight; older ones fade. */
const wholeWeight = 25;

/**
 * Tree-structured Parzen estimator over categorical variables, all at once: combinations are drawn from a density of
 * the best tenth of the trials, and the one whose density there most exceeds that among the rest is taken.
 *
 * @param sizes Choices of each variable, each at least 1.
 * @returns A choice for each variable.
 * @see Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; Falkner et al. 2018, "BOHB", for the
 *   multivariate form. Kernels and weights as in Optuna's `TPESampler(multivariate=True)`.
 */
export function suggestByTpe(
  trials: readonly Trial[],
  sizes: readonly number[],
  { random, startup = 10, draws = 24 }: TpeOptions,
): readonly number[] {
  const anything = () => sizes.map((size) => random.integer(size));
  if (trials.length < startup) return anything();
  const ranked = [...trials].sort((a, b) => b.value - a.value);
  const good = Math.min(Math.ceil(0.1 * trials.length), wholeWeight);
  const inOrder = (chosen: readonly Trial[]) => trials.filter((trial) => chosen.includes(trial));
  const below = createDensity(inOrder(ranked.slice(0, good)), sizes);
  const above = createDensity(inOrder(ranked.slice(good)), sizes);
  let best = anything();
  let highest = Number.NEGATIVE_INFINITY;
  for (let draw = 0; draw < draws; draw += 1) {
    const choices = below.sample(random);
    const gain = Math.log(below.at(choices)) - Math.log(above.at(choices));
    if (gain > highest) [best, highest] = [choices as number[], gain];
  }
  return best;
}

/** A mixture of one kernel for each trial and a uniform prior; a kernel is a product over variables. */
function createDensity(trials: readonly Trial[], sizes: readonly number[]) {
  const weights = [...fading(trials.length), 1];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kernel = (component: number, variable: number, choice: number): number => {
    const size = sizes[variable] ?? 1;
    const seen = trials[component]?.choices[variable];
    if (seen === undefined) return 1 / size;
    // The prior's weight of 1 is spread over observations and choices.
    const share = 1 / (trials.length + 1);
    return (share + (choice === seen ? 1 : 0)) / (size * share + 1);
  };
  return {
    at: (choices: readonly number[]): number =>
      weights.reduce(
        (sum, weight, component) =>
          sum +
          (weight / total) *
            choices.reduce((product, choice, variable) => product * kernel(component, variable, choice), 1),
        0,
      ),
    sample: (random: Random): readonly number[] => {
      const component = pickWeighted(weights, random);
      return sizes.map((size, variable) =>
        pickWeighted(
          Array.from({ length: size }, (_, choice) => kernel(component, variable, choice)),
          random,
        ),
      );
    },
  };
}

/** 1 for the newest observations; those before rise from 1 / n to 1. */
function fading(count: number): readonly number[] {
  if (count <= wholeWeight) return Array.from({ length: count }, () => 1);
  const old = count - wholeWeight;
  return Array.from({ length: count }, (_, index) =>
    index >= old ? 1 : old === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * index) / (old - 1),
  );
}
