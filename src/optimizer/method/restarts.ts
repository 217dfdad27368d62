import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { blankChanges } from '../part/blank-prompt.ts';
import { advance, estimateOf, freshOf, identitiesOf, optimizerOption, togetherOf } from '../part/composed.ts';

/** What the options are checked by. */
export const restartsSchema = z.strictObject({
  optimizer: optimizerOption.describe('The optimizer that is run again.'),
  times: z.int().min(2).max(100).default(3).describe('Runs, the first included.'),
  blank: z
    .boolean()
    .default(true)
    .describe('Whether every second run starts from a prompt that says nothing, instead of from the seed.'),
});

export interface RestartsOptions {
  /** The optimizer that is run again. */
  readonly optimizer: Optimizer;
  /** Runs, the first included. @default 3 */
  readonly times?: number | undefined;
  /** Whether every second run starts from a prompt that says nothing, instead of from the seed. @default true */
  readonly blank?: boolean | undefined;
}

/**
 * Runs one optimizer several times from the start, each with its own random stream and an even share of the budget,
 * and keeps the best. A search polishes the prompt that it is given; from a misleading one only another start helps.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 * @see arXiv 2603.18388, where a wrong seed prompt holds a reflective search back and restarts free it.
 */
export function restarts(options: RestartsOptions): Optimizer {
  const { optimizer, times, blank } = resolveOptions(restartsSchema, options, { of: 'restarts' });
  const runs = Array.from({ length: times }, () => optimizer);
  return {
    name: 'restarts',
    version: 1,
    options: { optimizer: identitiesOf([optimizer])[0] ?? null, times, blank },
    ...togetherOf([optimizer]),
    guide: {
      does: 'Runs one optimizer several times, every second time from a prompt that says nothing.',
      when: 'The seed prompt may be misleading, or the optimizer depends on luck.',
      cost: {
        task: 'those of `times` runs of the optimizer, and each winner on validation',
        reflection: 'those of `times` runs of the optimizer',
      },
    },
    fresh: freshOf([optimizer], ([fresh = optimizer]) => restarts({ ...options, optimizer: fresh })),
    estimate: (size) => estimateOf(runs, size, 1 + times),
    async *optimize(context) {
      const { seed, program, admit } = context;
      const changes = blankChanges(program, seed);
      const isBlank = blank && Object.keys(changes).length > 0;
      const [empty = seed] = isBlank
        ? candidatesOf(admit([{ changes, origin: 'a prompt that says nothing' }]))
        : [];
      let standing = seed;
      for (const [run, again] of runs.entries()) {
        const start = run % 2 === 1 ? empty : seed;
        const stage = { optimizer: again, label: `start ${run + 1}`, seed: start, share: 1 / (times - run) };
        standing = (yield* advance(context, standing, stage)).candidate;
      }
      return standing;
    },
  };
}
