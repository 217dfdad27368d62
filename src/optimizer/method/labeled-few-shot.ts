import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { isEmpty, noDemos } from '../part/demo-pools.ts';
import { balancedSample, demoChanges, labelledDemos } from '../part/demo-sets.ts';

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
 * few-shot optimizers: no model is asked.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 * @see Khattab et al. 2023, "DSPy", LabeledFewShot (which samples without regard to answers).
 *   https://arxiv.org/abs/2310.03714
 */
export function labeledFewShot(options: LabeledFewShotOptions = {}): Optimizer {
  const resolved = resolveOptions(labeledFewShotSchema, options, { of: 'labeledFewShot' });
  const { demos } = resolved;
  return {
    name: 'labeledFewShot',
    version: 1,
    options: resolved,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Shows some labelled rows as demos, balanced over the answers, without any search.',
      when: 'A first step that costs nothing: what any other method must beat.',
      cost: {
        task: '0',
        reflection: '0',
      },
    },
    fresh: () => labeledFewShot(options),
    estimate: () => ({ task: 0, reflection: 0 }),
    async *optimize({ program, seed, train, random, admit }) {
      // Fewer where so many of these rows are too long for a prompt; the guards say so.
      for (let count = demos; count >= 1; count = Math.floor(count / 2)) {
        const changes = demoChanges(program, (step) => ({
          demos: balancedSample(labelledDemos(train, step), count, random.fork(step.name)),
        }));
        if (isEmpty(changes)) {
          yield { type: 'notice', message: noDemos };
          return seed;
        }
        const [candidate] = candidatesOf(admit([{ changes, origin: `${count} labelled demos` }]));
        if (candidate !== undefined) return candidate;
      }
      return seed;
    },
  };
}
