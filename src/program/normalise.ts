/** Softmax: probabilities that add up to 1. */
export function normalise(logProbabilities: readonly number[]): number[] {
  const highest = Math.max(...logProbabilities);
  const weights = logProbabilities.map((value) => Math.exp(value - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
