import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Optimizer, TaskSize } from '../optimizer.ts';
import { findClosedStep } from '../part/calibration.ts';
import { channelEnsemble } from './channel-ensemble.ts';
import { demoSetRace } from './demo-set-race.ts';
import { layoutChoice } from './layout-choice.ts';

/** What the options are checked by. */
export const autoSchema = z.strictObject({
  sets: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Demo sets that race.')
    .meta({ defaultText: '3 where choices are scored, else 8' }),
  demos: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Demos in a set.')
    .meta({ defaultText: 'one for each answer (4 to 16) where choices are scored, else 8' }),
  channelDemos: z
    .int()
    .min(0)
    .max(256)
    .default(16)
    .describe('Demos for each answer in a channel; 0 tries none.'),
  channelWords: z
    .int()
    .min(1)
    .max(10_000)
    .default(16)
    .describe('Words of a row that the channel reads; each is read once for every answer.'),
  channelWeight: z
    .number()
    .positive()
    .max(100)
    .default(0.3)
    .describe("The channel's say beside a direct prompt, whose say is 1."),
  layoutRows: z
    .int()
    .min(1)
    .max(10_000)
    .default(12)
    .describe('Validation rows on which layouts are compared and demo sets begin to race.'),
});

export interface AutoOptions {
  /** Demo sets that race. @default 3 where choices are scored, else 8 */
  readonly sets?: number | undefined;
  /** Demos in a set. @default one for each answer (4 to 16) where choices are scored, else 8 */
  readonly demos?: number | undefined;
  /** Demos for each answer in a channel; 0 tries none. @default 16 */
  readonly channelDemos?: number | undefined;
  /** Words of a row that the channel reads; each is read once for every answer. @default 16 */
  readonly channelWords?: number | undefined;
  /** The channel's say beside a direct prompt, whose say is 1. @default 0.3 */
  readonly channelWeight?: number | undefined;
  /** Validation rows on which layouts are compared and demo sets begin to race. @default 12 */
  readonly layoutRows?: number | undefined;
}

/**
 * What to run when nobody says what to run: chooses the layout, races demo sets on nested prefixes of
 * validation, and keeps an ensemble where it pays. On a model that scores choices, the ensemble is the best
 * calibrated set and a noisy channel; elsewhere it is a vote of the three best sets. The one method that is
 * made of others.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 */
export function auto(given: AutoOptions = {}): Optimizer {
  const options = resolveOptions(autoSchema, given, { of: 'auto' });
  return {
    name: 'auto',
    version: 3,
    options,
    needs: { parameters: ['demos'], labels: true },
    guide: {
      does: 'Looks at the task and composes other methods: the layout, demo sets that race, and an ensemble where it pays.',
      when: 'Nothing speaks for another one: this is what runs when none is named.',
      cost: {
        task: 'those of layoutChoice where layouts can be chosen, of demoSetRace, and of channelEnsemble where choices are scored',
        reflection: '0',
      },
    },
    fresh: () => auto(given),
    estimate: (size) => {
      const steps = stepsOf(options, size);
      const estimates = Object.values(steps).flatMap((step) => step?.estimate(size) ?? []);
      return {
        task: estimates.reduce((sum, { task }) => sum + task, 0),
        reflection: 0,
        winnerCallsPerRow: Math.max(
          size.callsPerRow,
          ...estimates.map((each) => each.winnerCallsPerRow ?? 0),
        ),
      };
    },
    async *optimize(context) {
      const { layout, race, ensemble } = stepsOf(options, context);
      let { seed } = context;
      if (layout !== undefined) {
        yield { type: 'phase-started', phase: 'layout' };
        seed = (yield* context.nest(layout, { label: 'layout' })).candidate;
      }
      yield {
        type: 'phase-started',
        phase: 'demo sets',
        note: `${race.options.sets} sets of ${race.options.demos}`,
      };
      seed = (yield* context.nest(race, { label: 'demo sets', seed })).candidate;
      if (ensemble === undefined) return seed;
      yield { type: 'phase-started', phase: 'ensemble' };
      return (yield* context.nest(ensemble, { label: 'ensemble', seed })).candidate;
    },
  };
}

/** Which methods, and how large, for a task. */
function stepsOf(
  { sets, demos, channelDemos, channelWords, channelWeight, layoutRows }: z.output<typeof autoSchema>,
  { program, choiceScores }: Pick<TaskSize, 'program' | 'choiceScores'>,
) {
  const choice = choiceScores ? findClosedStep(program)?.choice : undefined;
  const size = demos ?? (choice === undefined ? 8 : Math.min(16, Math.max(4, choice.choices.length)));
  const hasLayouts = program.parameters.some(({ part }) => part === 'format');
  return {
    layout: hasLayouts ? layoutChoice({ demos: size, rows: layoutRows }) : undefined,
    race: demoSetRace({
      sets: sets ?? (choice === undefined ? 8 : 3),
      demos: size,
      votes: choice === undefined ? 3 : 1,
      firstRung: layoutRows,
    }),
    ensemble:
      choice === undefined
        ? undefined
        : channelEnsemble({ demos: channelDemos, words: channelWords, weight: channelWeight }),
  };
}
