import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { bootstrap, bootstrappedChanges } from '../part/bootstrap.ts';
import { balancedSample, demoChanges, labelledDemos } from '../part/demo-sets.ts';
import { fittingDemos } from '../part/fitting-demos.ts';

/** What the options are checked by. */
export const bootstrapFewShotSchema = z.strictObject({
  bootstrapped: z.int().min(0).max(256).default(4).describe('Most demos from well answered rows.'),
  demos: z.int().min(1).max(256).default(16).describe('Most demos in all; labelled rows fill up.'),
  threshold: z.number().min(0).max(1).default(1).describe('Least score of a well answered row, 0 to 1.'),
});

export interface BootstrapFewShotOptions {
  /** Most demos from well answered rows. @default 4 */
  readonly bootstrapped?: number | undefined;
  /** Most demos in all; labelled rows fill up. @default 16 */
  readonly demos?: number | undefined;
  /** Least score of a well answered row, 0 to 1. @default 1 */
  readonly threshold?: number | undefined;
}

/**
 * Answers training rows with a labelled few-shot prompt and keeps the good answers, with everything that the
 * steps in between gave, as demos; labelled rows fill up.
 *
 * @see Khattab et al. 2023, "DSPy", BootstrapFewShot. https://arxiv.org/abs/2310.03714. Deviations: a score
 *   counts as good from `threshold` on, not when it is merely above 0; rows are tried in rounds of eight.
 */
export function bootstrapFewShot(options: BootstrapFewShotOptions = {}): Optimizer {
  const resolved = resolveOptions(bootstrapFewShotSchema, options, { of: 'bootstrapFewShot' });
  const { bootstrapped, threshold } = resolved;
  return {
    name: 'bootstrapFewShot',
    version: 2,
    options: resolved,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Answers training rows with a few-shot prompt and keeps the good answers, of every step, as demos.',
      when: 'The program has several steps, or its steps give reasons, so that rows alone make no demos; calls are few.',
      cost: {
        task: 'train',
        reflection: '0',
      },
    },
    fresh: () => bootstrapFewShot(options),
    estimate: ({ train, callsPerRow }) => ({ task: train * callsPerRow, reflection: 0 }),
    async *optimize(context) {
      const { program, seed, train, random } = context;
      const teacherOf = (size: number) =>
        context.admit([
          {
            changes: demoChanges(program, (step) => ({
              demos: balancedSample(labelledDemos(train, step), size, random.fork(`teacher/${step.name}`)),
            })),
            origin: 'teacher: labelled demos',
          },
        ])[0];
      const rows = random.fork('rows').shuffle(train);
      const demos = yield* fittingDemos(context, {
        demos: resolved.demos,
        make: teacherOf,
        rows: rows.slice(0, 3),
      });
      if (demos === 0) return seed;
      const [teacher = seed] = candidatesOf([teacherOf(demos) ?? []].flat());
      const answered = await bootstrap(context, { teacher, rows, wanted: bootstrapped, threshold });
      const { good } = answered;
      if (good.length === 0) {
        yield {
          type: 'notice',
          message: 'The teacher answered no training row well; its labelled demos stay.',
        };
        return teacher;
      }
      const changes = bootstrappedChanges(context, { ...answered, total: demos });
      const [candidate] = candidatesOf(
        context.admit([{ changes, origin: `${good.length} bootstrapped demos` }]),
      );
      return candidate ?? teacher;
    },
  };
}
