import { binomialCdf, binomialPmf } from '../../base/distributions.ts';

/** The pairs that differ. */
export interface DiscordantPairs {
  readonly onlyBaseline: number;
  readonly onlyChallenger: number;
}

export interface McNemarResult {
  /** Exact two-sided p: what decides. */
  readonly pValue: number;
  /** Exact p of "the challenger is better" alone. */
  readonly oneSided: number;
  /** Two-sided mid-p: less conservative, shown beside the exact one. */
  readonly midP: number;
}

/**
 * Exact McNemar test: whether the pairs that differ do so in one direction. 1 when none differs.
 *
 * @see McNemar 1947, "Note on the Sampling Error of the Difference between Correlated Proportions"; mid-p:
 * Fagerland, Lydersen and Laake 2013. https://doi.org/10.1186/1471-2288-13-91
 */
export function mcnemarTest({ onlyBaseline, onlyChallenger }: DiscordantPairs): McNemarResult {
  const binomial = { trials: onlyBaseline + onlyChallenger, chance: 0.5 };
  if (binomial.trials === 0) return { pValue: 1, oneSided: 1, midP: 1 };
  const fewer = Math.min(onlyBaseline, onlyChallenger);
  const tail = binomialCdf(fewer, binomial);
  return {
    pValue: Math.min(1, 2 * tail),
    // P(X ≥ c) = P(X ≤ b), as the distribution is symmetric.
    oneSided: binomialCdf(onlyBaseline, binomial),
    midP: Math.min(1, 2 * tail - binomialPmf(fewer, binomial)),
  };
}

/** Fewest differing pairs with which a two-sided 5 % result exists: 2 · 0.5⁶ ≤ 0.05 < 2 · 0.5⁵. */
export const fewestDiscordantPairs = 6;
