import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { demoPools, isEmpty, noDemos, noTracedDemos, rowsForPools } from '../part/demo-pools.ts';
import { balancedSample, demoChanges } from '../part/demo-sets.ts';

/** What the options are checked by. */
export const labeledFewShotSchema = z.strictObject({
  demos: z.int().min(1).max(256).default(16).describe('Demos in the prompt.'),
});

export interface LabeledFewShotOptions {
  /** Demos in the prompt. From 1 to 256. @default 16 */
  readonly demos?: number | undefined;
}

/**
 * Puts labelled training rows into the prompt, their answers as even as the rows allow. The baseline of all
 * few-shot optimizers. No model is asked, except where a step takes or gives what no row has: its demos come from
 * training rows that the seed answers.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 * @see Khattab et al. 2023, "DSPy", LabeledFewShot (which samples without regard to answers, and shows every step whole
 *   rows).
 *   https://arxiv.org/abs/2310.03714
 */
export function labeledFewShot(options: LabeledFewShotOptions = {}): Optimizer {
  const resolved = resolveOptions(labeledFewShotSchema, options, { of: 'labeledFewShot' });
  const { demos } = resolved;
  return {
    name: 'labeledFewShot',
    version: 2,
    options: resolved,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Shows some labelled rows as demos, balanced over the answers, without any search.',
      when: 'A first step that costs next to nothing: what any other method must beat.',
      cost: {
        task: 'innerSteps > 0 ? min(train, 3 * demos) : 0',
        reflection: '0',
      },
    },
    fresh: () => labeledFewShot(options),
    estimate: ({ train, callsPerRow, program }) => ({
      task: rowsForPools(program, { train, demos }) * callsPerRow,
      reflection: 0,
    }),
    async *optimize(context) {
      const { program, seed, train, random, admit } = context;
      const pools = await demoPools(context, demos);
      // Fewer where so many of these rows are too long for a prompt; the guards say so.
      for (let count = demos; count >= 1; count = Math.floor(count / 2)) {
        const changes = demoChanges(program, (step) => ({
          demos: balancedSample(pools.get(step.name) ?? [], count, random.fork(step.name)),
        }));
        if (isEmpty(changes)) {
          const wasTraced = rowsForPools(program, { train: train.length, demos }) > 0;
          yield { type: 'notice', message: wasTraced ? noTracedDemos : noDemos };
          return seed;
        }
        const [candidate] = candidatesOf(admit([{ changes, origin: `${count} labelled demos` }]));
        if (candidate !== undefined) return candidate;
      }
      return seed;
    },
  };
}
