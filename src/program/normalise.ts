/** Softmax: probabilities that add up to 1. Where no answer is possible, all are equally likely. */
export function normalise(logProbabilities: readonly number[]): number[] {
  const highest = Math.max(...logProbabilities);
  if (!Number.isFinite(highest)) return logProbabilities.map(() => 1 / logProbabilities.length);
  const weights = logProbabilities.map((value) => Math.exp(value - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
