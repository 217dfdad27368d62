import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { advance, estimateOf, freshOf, identitiesOf, optimizerOption, togetherOf } from '../part/composed.ts';

/** What the options are checked by. */
export const bestOfSchema = z.strictObject({
  of: z.array(optimizerOption).min(1).max(32).describe('The optimizers; each starts from the seed.'),
});

export interface BestOfOptions {
  /** The optimizers; each starts from the seed. */
  readonly of: readonly Optimizer[];
}

/**
 * Runs several optimizers from the same seed, with an even share of the budget each, and returns the candidate that
 * does best on all of validation.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 */
export function bestOf(options: BestOfOptions): Optimizer {
  const { of: optimizers } = resolveOptions(bestOfSchema, options, { of: 'bestOf' });
  return {
    name: 'bestOf',
    version: 1,
    options: { of: identitiesOf(optimizers) },
    ...togetherOf(optimizers),
    guide: {
      does: 'Runs several optimizers from the same seed and keeps the best candidate.',
      when: 'It is not known which method suits the task, and the budget holds more than one.',
      cost: { task: 'those of each, and each winner on validation', reflection: 'those of each' },
    },
    fresh: freshOf(optimizers, (fresh) => bestOf({ of: fresh })),
    estimate: (size) => estimateOf(optimizers, size, 1 + optimizers.length),
    async *optimize(context) {
      const { seed } = context;
      let standing = seed;
      for (const [index, optimizer] of optimizers.entries()) {
        const share = 1 / (optimizers.length - index);
        const label = `candidate of ${optimizer.name} (${index + 1})`;
        standing = (yield* advance(context, standing, { optimizer, label, seed, share })).candidate;
      }
      return standing;
    },
  };
}
