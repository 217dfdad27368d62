import { z } from 'zod';
import { HoneError } from '../../base/errors.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { advance, estimateOf, freshOf, identitiesOf, optimizerOption, togetherOf } from '../part/composed.ts';

/** What the options are checked by. */
export const betterTogetherSchema = z.strictObject({
  optimizers: z
    .record(z.string().regex(/^[\w-]+$/), optimizerOption)
    .describe('The optimizers, by short names.'),
  strategy: z
    .string()
    .min(1)
    .describe("The names in the order in which they run, such as 'p -> w -> p'; a name may come again."),
});

export interface BetterTogetherOptions {
  /** The optimizers, by short names. */
  readonly optimizers: Readonly<Record<string, Optimizer>>;
  /** The names in the order in which they run, such as 'p -> w -> p'; a name may come again. */
  readonly strategy: string;
}

/**
 * Alternates between named optimizers, each from the best candidate so far and with the training rows shuffled anew,
 * and returns the best on validation, ties to the earlier one.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`, also for a name in the strategy that is no optimizer, and for an optimizer
 *   that the strategy never names.
 * @see Soylu et al. 2024, "Fine-Tuning and Prompt Optimization: Two Great Steps that Work Better Together".
 *   https://arxiv.org/abs/2407.10930
 */
export function betterTogether(options: BetterTogetherOptions): Optimizer {
  const { optimizers, strategy } = resolveOptions(betterTogetherSchema, options, { of: 'betterTogether' });
  const steps = stepsOf(strategy, optimizers);
  const unused = Object.keys(optimizers).filter((name) => steps.every((step) => step.name !== name));
  if (unused.length > 0) {
    throw new HoneError(`betterTogether: the strategy never names ${unused.join(', ')}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name every optimizer in the strategy, or leave it out.',
    });
  }
  return {
    name: 'betterTogether',
    version: 1,
    options: {
      optimizers: Object.fromEntries(
        Object.entries(optimizers).map(([name, one]) => [name, identitiesOf([one])[0] ?? null]),
      ),
      strategy: steps.map(({ name }) => name).join(' -> '),
    },
    ...togetherOf(Object.values(optimizers)),
    guide: {
      does: 'Alternates between named optimizers as a strategy such as `p -> w -> p` says.',
      when: 'One method makes room for another, which then is worth running again.',
      cost: {
        task: 'those of its steps, and each winner on validation',
        reflection: 'those of its steps',
      },
    },
    fresh: freshOf(Object.values(optimizers), (fresh) =>
      betterTogether({
        strategy,
        optimizers: Object.fromEntries(
          Object.keys(optimizers).flatMap((name, index) => {
            const one = fresh[index];
            return one === undefined ? [] : [[name, one]];
          }),
        ),
      }),
    ),
    estimate: (size) =>
      estimateOf(
        steps.map(({ optimizer }) => optimizer),
        size,
        1 + steps.length,
      ),
    async *optimize(context) {
      const { train, random } = context;
      let standing = context.seed;
      for (const [index, { name, optimizer }] of steps.entries()) {
        const label = `step ${index + 1}: ${name}`;
        const stage = {
          optimizer,
          label,
          seed: standing,
          share: 1 / (steps.length - index),
          train: random.fork(label).shuffle(train),
        };
        standing = (yield* advance(context, standing, stage)).candidate;
      }
      return standing;
    },
  };
}

function stepsOf(strategy: string, optimizers: Readonly<Record<string, Optimizer>>) {
  return strategy.split('->').map((part) => {
    const name = part.trim();
    const optimizer = Object.hasOwn(optimizers, name) ? optimizers[name] : undefined;
    if (optimizer !== undefined) return { name, optimizer };
    throw new HoneError(`betterTogether: strategy names "${name}", which is none of its optimizers.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Use ${Object.keys(optimizers).join(', ')}, joined by ->.`,
    });
  });
}
