import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { DemoSet } from '../../prompt/candidate.ts';
import type { Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { demoPools, isEmpty, noDemos, rowsForPools } from '../part/demo-pools.ts';
import { demoChanges } from '../part/demo-sets.ts';
import { newCandidates } from '../part/reflection.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What the options are checked by. */
export const knnFewShotSchema = z.strictObject({
  nearest: z
    .array(z.int().min(1).max(256))
    .min(1)
    .max(8)
    .default([3, 8])
    .describe('How many of the nearest demos a row sees; several race.'),
});

export interface KnnFewShotOptions {
  /** How many of the nearest demos a row sees; several race. @default [3,8] */
  readonly nearest?: readonly number[] | undefined;
}

/**
 * Shows each row the training rows that are nearest to it, the nearest last: the prompt file holds all of them, and
 * what a row sees is chosen when it is answered. Demos of inner steps are made once, from rows that the seed answered.
 *
 * @see Liu et al. 2022, "What Makes Good In-Context Examples for GPT-3?". https://arxiv.org/abs/2101.06804; Khattab
 *   et al. 2023, "DSPy", KNNFewShot, https://arxiv.org/abs/2310.03714. Deviations: nearness is the cosine of TF-IDF
 *   vectors of the inputs, which needs no embedding model; nothing is bootstrapped again for each row.
 */
export function knnFewShot(options: KnnFewShotOptions = {}): Optimizer {
  const resolved = resolveOptions(knnFewShotSchema, options, { of: 'knnFewShot' });
  const nearest = [...new Set(resolved.nearest)];
  return {
    name: 'knnFewShot',
    version: 1,
    options: resolved,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Shows each row the training rows that are nearest to it, by the words of the inputs.',
      when: 'There are many labelled rows, and rows that read alike are answered alike.',
      cost: {
        task: '(innerSteps > 0 ? train : 0) + validation + race(counts)',
        reflection: '0',
        where: { counts: 'nearest.length' },
      },
    },
    fresh: () => knnFewShot(options),
    estimate: ({ train, validation, callsPerRow, program }) => ({
      task:
        (rowsForPools(program, { train, demos: train }) +
          validation +
          rowsOfValidationRace(resolved.nearest.length, { validation })) *
        callsPerRow,
      reflection: 0,
    }),
    async *optimize(context) {
      const { program, seed, train, validation, admit, evaluate } = context;
      const pools = await demoPools(context, train.length);
      const drafts = nearest.map((count) => ({
        changes: demoChanges(
          program,
          (step): DemoSet => ({ demos: pools.get(step.name) ?? [], nearest: count }),
        ),
        origin: `the nearest ${count} of ${train.length} rows`,
      }));
      if (drafts.every(({ changes }) => isEmpty(changes))) {
        yield { type: 'notice', message: noDemos };
        return seed;
      }
      const standing = await evaluate(seed, validation);
      const [best] = await raceOnValidation(context, newCandidates(admit(drafts)), { label: 'counts' });
      if (!isBetter(best, standing)) return seed;
      yield accepted(best, 'nearest demos');
      return best.candidate;
    },
  };
}
