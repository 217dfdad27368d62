/**
 * The rising steps that are nearest to outcomes in their order (pool adjacent violators): isotonic recalibration, to be
 * fitted on validation rows alone.
 *
 * @param outcomes In the order of rising confidence.
 * @see Ayer et al. 1955, "An Empirical Distribution Function for Sampling with Incomplete Information".
 */
export function isotonicSteps(outcomes: readonly number[]): readonly number[] {
  const blocks: { sum: number; rows: number }[] = [];
  for (const outcome of outcomes) {
    let block = { sum: outcome, rows: 1 };
    for (
      let last = blocks.at(-1);
      last !== undefined && last.sum / last.rows >= block.sum / block.rows;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: last.sum + block.sum, rows: last.rows + block.rows };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, rows }) => Array.from({ length: rows }, () => sum / rows));
}

/** A logit with whether what it was for came. */
export interface LogitOutcome {
  readonly logit: number;
  readonly right: boolean;
}

/**
 * The temperature by which logits are to be divided so that their log loss is least, between 0.01 and 100.
 *
 * @see Guo et al. 2017, §4.2 (temperature scaling). https://arxiv.org/abs/1706.04599
 */
export function bestTemperature(rows: readonly LogitOutcome[]): {
  readonly temperature: number;
  readonly loss: number;
} {
  const loss = (logTemperature: number) => {
    const temperature = Math.exp(logTemperature);
    let sum = 0;
    for (const { logit, right } of rows) {
      const scaled = (right ? logit : -logit) / temperature;
      sum += scaled > 0 ? Math.log1p(Math.exp(-scaled)) : Math.log1p(Math.exp(scaled)) - scaled;
    }
    return sum / rows.length;
  };
  // The loss has one valley in the inverse temperature, and so in its logarithm: golden section finds it.
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.01), Math.log(100)];
  for (let step = 0; step < 100; step += 1) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (loss(left) <= loss(right)) high = right;
    else low = left;
  }
  const best = (low + high) / 2;
  return { temperature: Math.exp(best), loss: loss(best) };
}
