import type { Example } from '../../dataset/dataset.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { Admission, Decision, OptimizationContext } from '../optimizer.ts';

export interface FittingDemosOptions {
  /** Demos wanted. */
  readonly demos: number;
  /** What becomes of a draft with so many demos; undefined where there are no demos to show. */
  readonly make: (demos: number) => Admission | undefined;
  /** Rows to try it on: a few that the search answers with it in any case. */
  readonly rows: readonly Example[];
}

/**
 * The demos that fit into a prompt and into the model's context: as many as wanted, or half of them, or half of these,
 * until the guards let them in and a row is answered. 0 where not even one fits.
 */
export async function* fittingDemos(
  { evaluate, budget }: OptimizationContext,
  { demos, make, rows }: FittingDemosOptions,
): AsyncGenerator<Decision, number, void> {
  for (let size = demos; size >= 1; size = Math.floor(size / 2)) {
    const made = make(size);
    if (made === undefined) return size;
    // The guards have said why.
    if (made.status === 'rejected') continue;
    const { candidate } = made;
    if (!budget.allows(rows.length, candidate)) return size;
    const { results } = await evaluate(candidate, rows);
    if (results.length === 0 || !results.every(overflows)) return size;
    const next = Math.floor(size / 2);
    const tried = next === 0 ? 'none is shown' : `${next} ${next === 1 ? 'is' : 'are'} tried`;
    yield {
      type: 'notice',
      message: `A prompt with ${size} demos is longer than the model's context: ${tried}.`,
    };
  }
  return 0;
}

function overflows({ outcome }: RowResult): boolean {
  return outcome.status === 'infrastructure-error' && outcome.code === 'HONE_MODEL_CONTEXT_OVERFLOW';
}
