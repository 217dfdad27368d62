import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer } from '../optimizer.ts';
import { advance, estimateOf, freshOf, identitiesOf, optimizerOption, togetherOf } from '../part/composed.ts';

/** What the options are checked by. */
export const onPlateauSchema = z.strictObject({
  stages: z
    .array(optimizerOption)
    .min(2)
    .max(32)
    .describe('The optimizers; the next one takes over where one no longer helps, the first after the last.'),
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.25)
    .describe('Share of what is left of the budget that one run of an optimizer may spend.'),
  gain: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe('Rise of the mean on validation below which a run counts as no help.'),
  runs: z.int().min(1).max(1_000).default(12).describe('Most runs of optimizers.'),
});

export interface OnPlateauOptions {
  /** The optimizers; the next one takes over where one no longer helps, the first after the last. */
  readonly stages: readonly Optimizer[];
  /** Share of what is left of the budget that one run of an optimizer may spend. @default 0.25 */
  readonly share?: number | undefined;
  /** Rise of the mean on validation below which a run counts as no help. @default 0.01 */
  readonly gain?: number | undefined;
  /** Most runs of optimizers. @default 12 */
  readonly runs?: number | undefined;
}

/**
 * Runs an optimizer from the best candidate again and again while it helps, and switches to the next one when it
 * does not: a search that stalls is usually unblocked by a different one from where it stalled. It ends when each has
 * stalled in turn.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 */
export function onPlateau(options: OnPlateauOptions): Optimizer {
  const resolved = resolveOptions(onPlateauSchema, options, { of: 'onPlateau' });
  const { stages, share, gain, runs } = resolved;
  return {
    name: 'onPlateau',
    version: 1,
    options: { stages: identitiesOf(stages), share, gain, runs },
    ...togetherOf(stages),
    guide: {
      does: 'Switches to another optimizer whenever the one at work no longer helps.',
      when: 'The budget is large, and one method alone comes to a halt.',
      cost: { task: 'those of its runs, at most `runs`', reflection: 'those of its runs' },
    },
    fresh: freshOf(stages, (fresh) => onPlateau({ ...options, stages: fresh })),
    estimate: (size) =>
      estimateOf(
        Array.from({ length: runs }, (_, run) => stages[run % stages.length]).filter(
          (one) => one !== undefined,
        ),
        size,
        1 + runs,
      ),
    async *optimize(context) {
      let standing = context.seed;
      for (let run = 0, turn = 0, stalled = 0; run < runs && stalled < stages.length; run += 1) {
        const optimizer = stages[turn % stages.length];
        if (optimizer === undefined) break;
        const label = `run ${run + 1}`;
        // The last that may still help is given all that is left.
        const stage = { optimizer, label, seed: standing, share: run === runs - 1 ? 1 : share };
        const advanced = yield* advance(context, standing, stage);
        standing = advanced.candidate;
        const isHelp = advanced.gain >= Math.max(gain, Number.EPSILON);
        stalled = isHelp ? 0 : stalled + 1;
        if (isHelp) continue;
        turn += 1;
        const next = stages[turn % stages.length];
        if (stalled < stages.length && next !== undefined) {
          yield {
            type: 'notice',
            message: `${optimizer.name} no longer helps: ${next.name} goes on from there.`,
          };
        }
      }
      return standing;
    },
  };
}
