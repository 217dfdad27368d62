import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { advance, estimateOf, freshOf, identitiesOf, optimizerOption, togetherOf } from '../part/composed.ts';

/** What the options are checked by. */
export const sequenceSchema = z.strictObject({
  stages: z
    .array(optimizerOption)
    .min(1)
    .max(32)
    .describe('The optimizers, in their order; each starts from the best candidate so far.'),
});

export interface SequenceOptions {
  /** The optimizers, in their order; each starts from the best candidate so far. */
  readonly stages: readonly Optimizer[];
}

/**
 * Runs optimizers one after the other, each from the best candidate of those before. What is left of the budget is
 * shared evenly among the stages still to come, so what one does not spend goes to the next; the last may spend all.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 */
export function sequence(options: SequenceOptions): Optimizer {
  const { stages } = resolveOptions(sequenceSchema, options, { of: 'sequence' });
  return {
    name: 'sequence',
    version: 1,
    options: { stages: identitiesOf(stages) },
    ...togetherOf(stages),
    guide: {
      does: 'Runs optimizers one after the other, each from the best candidate so far.',
      when: 'Different parts of a prompt call for different methods: demos first, then instructions.',
      cost: { task: 'those of its stages, and each winner on validation', reflection: 'those of its stages' },
    },
    fresh: freshOf(stages, (fresh) => sequence({ stages: fresh })),
    estimate: (size) => estimateOf(stages, size, 1 + stages.length),
    async *optimize(context) {
      let standing = context.seed;
      for (const [index, optimizer] of stages.entries()) {
        const share = 1 / (stages.length - index);
        const label = `stage ${index + 1}`;
        const stage = { optimizer, label, seed: standing, share };
        standing = (yield* advance(context, standing, stage)).candidate;
      }
      return standing;
    },
  };
}
