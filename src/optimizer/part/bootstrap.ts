import type { Example } from '../../dataset/dataset.ts';
import type { StepShape } from '../../program/program.ts';
import { predictStepsOf } from '../../program/trace.ts';
import type { Candidate, Demo } from '../../prompt/candidate.ts';
import type { OptimizationContext } from '../optimizer.ts';
import { labelledTrace, type TracedRow } from './demo-pools.ts';
import { balancedSample, demoChanges, labelledDemos } from './demo-sets.ts';

/** Rows that the teacher answers at once; a fixed width, so that a replay decides the same. */
const roundWidth = 8;

export interface BootstrapPlan {
  /** Answers the training rows; its good answers become demos. */
  readonly teacher: Candidate;
  /** The rows to try, in order. */
  readonly rows: readonly Example[];
  /** Good answers wanted. */
  readonly wanted: number;
  /** Least score of a good answer, 0 to 1. */
  readonly threshold: number;
}

/** What the teacher answered, with what each step took and gave. */
export interface Bootstrapped {
  /** The rows that it answered well, as many as wanted. */
  readonly good: readonly TracedRow[];
  /** The others: their labels make demos of inner steps. */
  readonly others: readonly TracedRow[];
}

/** Lets the teacher answer training rows, a round at a time, until enough answers are good. */
export async function bootstrap(context: OptimizationContext, plan: BootstrapPlan): Promise<Bootstrapped> {
  const { teacher, rows, wanted, threshold } = plan;
  const good: TracedRow[] = [];
  const others: TracedRow[] = [];
  for (let from = 0; from < rows.length && good.length < wanted; from += roundWidth) {
    let round = rows.slice(from, from + roundWidth);
    while (round.length > 0 && !context.budget.allows(round, teacher)) round = round.slice(0, -1);
    if (round.length === 0) break;
    const { results } = await context.evaluate(teacher, round, { traces: true });
    for (const [index, result] of results.entries()) {
      const example = round[index];
      if (example === undefined) continue;
      const isGood = result.outcome.status === 'scored' && result.outcome.value >= threshold;
      const side = isGood && good.length < wanted ? good : others;
      side.push({ example, result });
    }
  }
  return { good, others };
}

/** What a step took and gave on a well answered row. A step that ran several times gives its last run. */
export function tracedDemo({ example, result }: TracedRow, step: StepShape): Demo | undefined {
  const runs = predictStepsOf(result.trace ?? [], step.name).filter(({ outputs }) => outputs !== undefined);
  const last = runs.at(-1);
  return last?.outputs === undefined
    ? undefined
    : { inputs: last.inputs, outputs: last.outputs, source: example.id };
}

/**
 * Demos of every step: the good answers first, then labelled rows that are not among them, up to `total`. Where
 * rows alone make no demos of a step, what it took on the other answered rows does, with their labels.
 */
export function bootstrappedChanges(
  { program, train, random }: OptimizationContext,
  { good, others, total }: Bootstrapped & { readonly total: number },
): Candidate {
  const used = new Set(good.map(({ example }) => example.id));
  const rest = train.filter(({ id }) => !used.has(id));
  return demoChanges(program, (step) => {
    const traced = good.flatMap((answer) => tracedDemo(answer, step) ?? []);
    const ofRows = labelledDemos(rest, step);
    const labelled = balancedSample(
      ofRows.length > 0 ? ofRows : others.flatMap((answer) => labelledTrace(answer, step) ?? []),
      Math.max(0, total - traced.length),
      random.fork(step.name),
    );
    return { demos: [...traced, ...labelled] };
  });
}
