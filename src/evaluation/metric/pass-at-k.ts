/**
 * Chance that at least one of k answers is right, from n answers of which c are: 1 − C(n − c, k) / C(n, k).
 *
 * @returns Undefined where there are fewer than k answers.
 * @see Chen et al. 2021, "Evaluating Large Language Models Trained on Code", eq. 1. https://arxiv.org/abs/2107.03374
 */
export function passAtK(answers: number, right: number, k: number): number | undefined {
  if (k < 1 || answers < k) return undefined;
  if (answers - right < k) return 1;
  let miss = 1;
  for (let draw = 0; draw < k; draw += 1) miss *= (answers - right - draw) / (answers - draw);
  return 1 - miss;
}
