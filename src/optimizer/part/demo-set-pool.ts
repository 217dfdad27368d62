import type { ProgramShape, StepShape } from '../../program/program.ts';
import { type DemoSet, parameterName } from '../../prompt/candidate.ts';
import type { OptimizationContext } from '../optimizer.ts';
import { bootstrap, tracedDemo } from './bootstrap.ts';
import { labelledTrace } from './demo-pools.ts';
import { balancedSample, labelledDemos } from './demo-sets.ts';

/** The steps whose demos a search may set. */
export function demoSteps({ steps, parameters }: ProgramShape): readonly StepShape[] {
  return steps.filter(({ name }) =>
    parameters.some((parameter) => parameter.name === parameterName(name, 'demos')),
  );
}

/** For each step with demos: none, labelled ones, then bootstrapped ones from other rows in other numbers. */
export async function demoSetPool(
  context: OptimizationContext,
  { count, most }: { readonly count: number; readonly most: number },
): Promise<readonly (readonly DemoSet[])[]> {
  const { seed, program, train, random } = context;
  const steps = demoSteps(program);
  if (most === 0 || steps.length === 0) return [];
  const sets: DemoSet[][] = steps.map(({ name }) => {
    const own = seed[parameterName(name, 'demos')];
    return [own?.kind === 'demos' ? (own.sets[0] ?? { demos: [] }) : { demos: [] }];
  });
  for (let index = 1; index < count; index += 1) {
    const stream = random.fork(`set-${index}`);
    const { good, others } =
      index === 1
        ? { good: [], others: [] }
        : await bootstrap(context, {
            teacher: seed,
            rows: stream.fork('rows').shuffle(train),
            wanted: index === 2 ? most : 1 + stream.integer(most),
            threshold: 1,
          });
    for (const [at, step] of steps.entries()) {
      const traced = good.flatMap((answer) => tracedDemo(answer, step) ?? []);
      const ofRows = labelledDemos(train, step);
      const pool = ofRows.length > 0 ? ofRows : others.flatMap((answer) => labelledTrace(answer, step) ?? []);
      const labelled = balancedSample(pool, most, stream.fork(step.name));
      const demos = index === 1 || traced.length === 0 ? labelled : traced;
      if (demos.length > 0) sets[at]?.push({ demos });
    }
  }
  return sets;
}
