import type { Example } from '../../dataset/dataset.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { StepShape } from '../../program/program.ts';
import { predictStepsOf } from '../../program/trace.ts';
import type { Candidate, Demo } from '../../prompt/candidate.ts';
import type { OptimizationContext } from '../optimizer.ts';
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

/** A training row that the teacher answered well, with what each step took and gave. */
export interface GoodAnswer {
  readonly example: Example;
  readonly result: RowResult;
}

/** Lets the teacher answer training rows, a round at a time, until enough answers are good. */
export async function bootstrap(
  context: OptimizationContext,
  plan: BootstrapPlan,
): Promise<readonly GoodAnswer[]> {
  const { teacher, rows, wanted, threshold } = plan;
  const good: GoodAnswer[] = [];
  for (let from = 0; from < rows.length && good.length < wanted; from += roundWidth) {
    const round = rows.slice(from, from + roundWidth);
    if (!context.budget.allows(round.length, teacher)) break;
    const { results } = await context.evaluate(teacher, round, { traces: true });
    for (const [index, result] of results.entries()) {
      const example = round[index];
      const isGood = result.outcome.status === 'scored' && result.outcome.value >= threshold;
      if (isGood && example !== undefined) good.push({ example, result });
    }
  }
  return good.slice(0, wanted);
}

/** What a step took and gave on a well answered row. A step that ran several times gives its last run. */
export function tracedDemo({ example, result }: GoodAnswer, step: StepShape): Demo | undefined {
  const runs = predictStepsOf(result.trace ?? [], step.name).filter(({ outputs }) => outputs !== undefined);
  const last = runs.at(-1);
  return last?.outputs === undefined
    ? undefined
    : { inputs: last.inputs, outputs: last.outputs, source: example.id };
}

/** Demos of every step: the good answers first, then labelled rows that are not among them, up to `total`. */
export function bootstrappedChanges(
  { program, train, random }: OptimizationContext,
  { good, total }: { readonly good: readonly GoodAnswer[]; readonly total: number },
): Candidate {
  const used = new Set(good.map(({ example }) => example.id));
  const rest = train.filter(({ id }) => !used.has(id));
  return demoChanges(program, (step) => {
    const traced = good.flatMap((answer) => tracedDemo(answer, step) ?? []);
    const labelled = balancedSample(
      labelledDemos(rest, step),
      Math.max(0, total - traced.length),
      random.fork(step.name),
    );
    return { demos: [...traced, ...labelled] };
  });
}
