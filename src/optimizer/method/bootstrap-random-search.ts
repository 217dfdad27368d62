import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import type { Admission, OptimizationContext, Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { bootstrap, bootstrappedChanges } from '../part/bootstrap.ts';
import { balancedSample, demoChanges, labelledDemos } from '../part/demo-sets.ts';
import { fittingDemos } from '../part/fitting-demos.ts';
import { nestedRungs, rowsOfRace } from '../part/rungs.ts';

/** What the options are checked by. */
export const bootstrapRandomSearchSchema = z.strictObject({
  candidates: z.int().min(1).max(1_000).default(16).describe('Demo sets to try.'),
  bootstrapped: z.int().min(1).max(256).default(4).describe('Most demos from well answered rows in a set.'),
  demos: z.int().min(1).max(256).default(16).describe('Most demos in a set.'),
  threshold: z.number().min(0).max(1).default(1).describe('Least score of a well answered row, 0 to 1.'),
});

export interface BootstrapRandomSearchOptions {
  /** Demo sets to try. @default 16 */
  readonly candidates?: number | undefined;
  /** Most demos from well answered rows in a set. @default 4 */
  readonly bootstrapped?: number | undefined;
  /** Most demos in a set. @default 16 */
  readonly demos?: number | undefined;
  /** Least score of a well answered row, 0 to 1. @default 1 */
  readonly threshold?: number | undefined;
}

/**
 * Makes many demo sets (labelled only, bootstrapped, bootstrapped from other rows in other numbers) and races
 * them on validation.
 *
 * @see Khattab et al. 2023, "DSPy", BootstrapFewShotWithRandomSearch. https://arxiv.org/abs/2310.03714.
 *   Deviation: the sets race on nested prefixes of validation instead of being scored on all of it.
 */
export function bootstrapRandomSearch(options: BootstrapRandomSearchOptions = {}): Optimizer {
  const resolved = resolveOptions(bootstrapRandomSearchSchema, options, { of: 'bootstrapRandomSearch' });
  const { candidates, bootstrapped, threshold } = resolved;
  return {
    name: 'bootstrapRandomSearch',
    version: 3,
    options: resolved,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Makes many demo sets, labelled and bootstrapped, and races them on validation.',
      when: 'Demos are to be chosen well on a program of several steps, and there is no reflection model.',
      cost: {
        task: 'train + race(candidates + 1)',
        reflection: '0',
      },
    },
    fresh: () => bootstrapRandomSearch(options),
    estimate: ({ train, validation, callsPerRow }) => ({
      task: (train + rowsOfRace(candidates + 1, { rungs: nestedRungs(validation) })) * callsPerRow,
      reflection: 0,
    }),
    async *optimize(context) {
      const { seed, validation, random } = context;
      const tried = new Map<CandidateHash, Candidate>();
      const enter = (candidates: readonly Candidate[]) => {
        for (const candidate of candidates) tried.set(hashCandidate(candidate), candidate);
      };
      const order = random.fork('order').shuffle(validation);
      const demos = yield* fittingDemos(context, {
        demos: resolved.demos,
        make: (size) => labelled(context, size)[0],
        rows: order.slice(0, 3),
      });
      if (demos === 0) return seed;
      enter(candidatesOf(labelled(context, demos)));
      for (let index = 1; index < candidates; index += 1) {
        const scope = { ...context, random: random.fork(`set-${index}`) };
        const wanted = index === 1 ? bootstrapped : 1 + scope.random.integer(bootstrapped);
        const rows = scope.random.fork('rows').shuffle(context.train);
        const [teacher = seed] = tried.values();
        const answered = await bootstrap(scope, { teacher, rows, wanted, threshold });
        const changes = bootstrappedChanges(scope, { ...answered, total: demos });
        enter(
          candidatesOf(
            context.admit([{ changes, origin: `set ${index}: ${answered.good.length} bootstrapped demos` }]),
          ),
        );
      }
      if (tried.size === 0) return seed;
      const contenders = [seed, ...tried.values()];
      yield { type: 'phase-started', phase: 'race', note: `${tried.size} demo sets` };
      const { finalists } = await context.race(contenders, {
        examples: order,
        rungs: nestedRungs(validation.length),
      });
      return finalists[0]?.candidate ?? seed;
    },
  };
}

function labelled(
  { program, train, random, admit }: OptimizationContext,
  demos: number,
): readonly Admission[] {
  const changes = demoChanges(program, (step) => ({
    demos: balancedSample(labelledDemos(train, step), demos, random.fork(`labelled/${step.name}`)),
  }));
  return admit([{ changes, origin: `set 0: ${demos} labelled demos` }]);
}
