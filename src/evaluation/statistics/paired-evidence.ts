import { binomialCdf, logGamma } from '../../base/distributions.ts';
import type { DiscordantPairs } from './mcnemar.ts';

/**
 * Evidence against a hypothesis that may be looked at after every row: where the hypothesis holds, it reaches 1 / α at
 * any time in at most α of the runs, however often it is looked at.
 */
export interface Evidence {
  /** Against "neither is better". */
  readonly twoSided: number;
  /** Against "the challenger is not better". */
  readonly challengerBetter: number;
}

/**
 * Evidence in the pairs that differ, so far: `2^(w+l) · w! l! / (w+l+1)!`, the likelihood of the pairs averaged evenly
 * over every chance of winning, against that of a fair coin; one-sided over the chances above ½.
 *
 * @see Ramdas et al. 2023, "Game-Theoretic Statistics and Safe Anytime-Valid Inference". https://arxiv.org/abs/2210.01948
 */
export function pairedEvidence({ onlyBaseline, onlyChallenger }: DiscordantPairs): Evidence {
  const pairs = onlyBaseline + onlyChallenger;
  const logarithm =
    pairs * Math.LN2 + logGamma(onlyChallenger + 1) + logGamma(onlyBaseline + 1) - logGamma(pairs + 2);
  const twoSided = Math.exp(logarithm);
  // P(Beta(w + 1, l + 1) > ½) is P(Bin(w + l + 1, ½) ≤ w).
  const above = binomialCdf(onlyChallenger, { trials: pairs + 1, chance: 0.5 });
  return { twoSided, challengerBetter: 2 * twoSided * above };
}

/** A p-value that holds at every look: the smallest 1 / evidence so far. */
export function anytimePValue(highestEvidence: number): number {
  return Math.min(1, 1 / highestEvidence);
}
