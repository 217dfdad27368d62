/** Evidence that harm is larger than a margin, looked at after every item. */
export interface GuardrailEvidence {
  /** @param difference Failure of the item less the mean failure of the control items beside it: −1 to 1. */
  add(difference: number): void;
  /** 1 at the start; 1 / α is reached in at most α of the runs in which harm is within the margin. */
  readonly evidence: number;
}

export interface GuardrailOptions {
  /** Harm that is accepted, 0 to 1. */
  readonly margin: number;
  /** A fixed bet instead of one by what was seen; 0 to 0.5 / (1 + margin). @default by what was seen */
  readonly bet?: number | undefined;
}

/**
 * One-sided test by betting that harm exceeds a margin: the bet is sized by the mean and spread of the items before, and
 * never negative.
 *
 * @see Waudby-Smith and Ramdas 2024, "Estimating Means of Bounded Random Variables by Betting", §5 (one-sided).
 *   https://arxiv.org/abs/2010.09686
 */
export function guardrailEvidence({ margin, bet: fixed }: GuardrailOptions): GuardrailEvidence {
  let count = 0;
  let sum = 0;
  let squares = 0;
  let evidence = 1;
  return {
    add(difference) {
      const time = count + 1;
      const mean = sum / time;
      const variance = (0.25 + squares) / time;
      const excess = mean - margin;
      const sized = Math.min(0.5 / (1 + margin), Math.max(0, excess / (variance + excess ** 2)));
      evidence *= 1 + (fixed ?? sized) * (difference - margin);
      count += 1;
      squares += (difference - mean) ** 2;
      sum += difference;
    },
    get evidence() {
      return evidence;
    },
  };
}

export interface RatesInQuestion {
  /** Failure rate that is fine. */
  readonly fine: number;
  /** Failure rate that is not, above `fine`. */
  readonly bad: number;
  /** Largest chance to stop what is fine. @default 0.05 */
  readonly alpha?: number | undefined;
  /** Largest chance to let pass what is bad. @default 0.2 */
  readonly beta?: number | undefined;
}

/**
 * Wald's sequential test of two failure rates: steps and bounds of a sum of log-likelihoods. At or above `upper` the rate
 * is taken for bad, at or below `lower` for fine.
 *
 * @see Wald 1945, "Sequential Tests of Statistical Hypotheses".
 */
export function sequentialRates({ fine, bad, alpha = 0.05, beta = 0.2 }: RatesInQuestion) {
  return {
    onFailure: Math.log(bad / fine),
    onPass: Math.log((1 - bad) / (1 - fine)),
    upper: Math.log((1 - beta) / alpha),
    lower: Math.log(beta / (1 - alpha)),
  } as const;
}
