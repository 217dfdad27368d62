import type { Random } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { scoreOf } from './row-records.ts';

/**
 * Rows in the order in which they tell candidates apart: those that some got right and others wrong first, the most
 * disputed of them leading, then those that all get wrong, then those that all get right. A third of the places at
 * the front goes to the others all the same, so that what works stays watched.
 *
 * @see arXiv 2604.11328 (POES), which picks few rows that discriminate and cover, anew as a search moves.
 */
export function tellingOrder(
  rows: readonly Example[],
  evaluations: readonly CandidateEvaluation[],
  random: Random,
): readonly Example[] {
  const values = new Map<string, number[]>();
  for (const { results } of evaluations) {
    for (const result of results) {
      const value = scoreOf(result);
      if (value !== undefined) values.set(result.exampleId, [...(values.get(result.exampleId) ?? []), value]);
    }
  }
  const shuffled = random.shuffle(rows);
  const tells = (row: Example) => {
    const of = values.get(row.id) ?? [];
    if (of.length === 0) return 0.5;
    const mean = of.reduce((sum, value) => sum + value, 0) / of.length;
    // Disputed rows from 1 to 2, rows that all get wrong below, rows that all get right last.
    return mean > 0 && mean < 1 ? 1 + 4 * mean * (1 - mean) : 0.5 * (1 - mean);
  };
  const telling = [...shuffled].sort((a, b) => tells(b) - tells(a));
  const order: Example[] = [];
  const taken = new Set<string>();
  let front = 0;
  let back = telling.length - 1;
  while (order.length < telling.length) {
    const row = order.length % 3 === 2 ? telling[back--] : telling[front++];
    if (row === undefined || taken.has(row.id)) continue;
    taken.add(row.id);
    order.push(row);
  }
  return order;
}
