import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { ProgramShape } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { Decision, OptimizationContext, Optimizer, RacePlan, TaskSize } from '../optimizer.ts';
import { rankByAnswerProbability } from '../part/answer-probability.ts';
import { findClosedStep } from '../part/calibration.ts';
import { ranksAbove } from '../part/shared-rows.ts';
import { textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';
import { choiceEnsemble, waysOfTelling } from './choice-ensemble.ts';
import { demoSetRace } from './demo-set-race.ts';
import { layoutChoice } from './layout-choice.ts';
import { reflectiveClimb } from './reflective-climb.ts';

/** What the options are checked by. */
export const autoSchema = z.strictObject({
  sets: z.int().min(1).max(64).default(8).describe('Demo sets that race, where choices are not scored.'),
  demos: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Demos in a set.')
    .meta({ defaultText: 'one for each answer (4 to 16) where choices are scored, else 8' }),
  ...waysOfTelling,
  layoutRows: z
    .int()
    .min(1)
    .max(10_000)
    .default(12)
    .describe('Validation rows on which layouts are compared and demo sets begin to race.'),
  rounds: z
    .int()
    .min(0)
    .max(1_000)
    .default(10)
    .describe('Rounds of reflection, where a reflection model is there; 0 leaves the texts as they are.'),
});

export interface AutoOptions {
  /** Demo sets that race, where choices are not scored. @default 8 */
  readonly sets?: number | undefined;
  /** Demos in a set. @default one for each answer (4 to 16) where choices are scored, else 8 */
  readonly demos?: number | undefined;
  /** Demos for each answer in a channel; 0 tries none. @default 16 */
  readonly channelDemos?: number | undefined;
  /** Words of a row that the channel reads; each is read once for every answer. @default 12 */
  readonly channelWords?: number | undefined;
  /** Most words that the answer may be told by; 0 tries none. @default 120 */
  readonly words?: number | undefined;
  /** Validation rows on which layouts are compared and demo sets begin to race. @default 12 */
  readonly layoutRows?: number | undefined;
  /** Rounds of reflection, where a reflection model is there; 0 leaves the texts as they are. @default 10 */
  readonly rounds?: number | undefined;
}

/** What is left for demo sets when texts are rewritten first. */
const shareOfTexts = 0.75;
/** Demo sets are tried after texts where so many candidates fit on all of validation. */
const candidatesForDemos = 10;

/**
 * What to run when nobody says what to run. It looks at the task and composes other methods, and says what it chose.
 * Where a reflection model is there, texts are rewritten first, by a climb that reflects on failures and also starts
 * anew. Then the layout is chosen. On a model that scores choices a calibrated demo set, a noisy channel and words are
 * pooled as far as they pay; elsewhere demo sets race on nested prefixes of validation, and a vote of the three best is
 * kept where it pays. Of a program without demos, such as an agent, the texts alone are rewritten. What comes after the texts stays only where it is better, and so does all of it beside the seed.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 */
export function auto(given: AutoOptions = {}): Optimizer {
  const options = resolveOptions(autoSchema, given, { of: 'auto' });
  return {
    name: 'auto',
    version: 6,
    options,
    prompts: reflectiveClimb().prompts,
    needs: {
      parameters: [],
      oneOf: [{ parameter: 'demos' }, { parameter: 'text', reflectionModel: true }],
      labels: true,
    },
    guide: {
      does: 'Looks at the task and composes other methods: texts rewritten by reflection where a model for it is there, the layout, demo sets that race, and an ensemble where it pays.',
      when: 'Nothing speaks for another one: this is what runs when none is named.',
      cost: {
        task: 'those of reflectiveClimb where a reflection model is there, of layoutChoice where layouts can be chosen, and of choiceEnsemble where choices are scored, else of demoSetRace',
        reflection: 'those of reflectiveClimb where a reflection model is there, else 0',
      },
    },
    fresh: () => auto(given),
    estimate: (size) => {
      const steps = stepsOf(options, size);
      const estimates = Object.values(steps).flatMap((step) => step?.estimate(size) ?? []);
      const winner = Math.max(size.callsPerRow, ...estimates.map((each) => each.winnerCallsPerRow ?? 0));
      // Without a climb the seed and what comes out were scored on all of validation already.
      const comparisons = steps.climb === undefined ? 0 : 2 * size.validation * size.callsPerRow;
      return {
        task: estimates.reduce((sum, { task }) => sum + task, comparisons),
        reflection: estimates.reduce((sum, { reflection }) => sum + reflection, 0),
        winnerCallsPerRow: winner,
      };
    },
    async *optimize(context) {
      const { program, choiceScores, models, nest, budget, validation } = context;
      const reflects = models.includes('reflection');
      const { climb, ...steps } = stepsOf(options, { program, choiceScores, reflects });
      if (climb === undefined) {
        const shown = yield* withDemos(context, context.seed, steps);
        return betterOf(context, context.seed, { shown, rank: rankOf(context) });
      }
      const hasDemos = showsDemos(program);
      const tooFew = budget.calls() < candidatesForDemos * validation.length;
      const note = tooFew
        ? 'by reflection, with all that the budget holds: it is too small for demo sets beside'
        : 'by reflection, then demo sets';
      yield {
        type: 'phase-started',
        phase: 'texts',
        note: hasDemos ? note : 'by reflection: the program shows no demos',
      };
      const isAlone = tooFew || !hasDemos;
      const share = isAlone ? 1 : shareOfTexts;
      const rewritten = (yield* nest(climb, { label: 'texts', share })).candidate;
      if (isAlone) return rewritten;
      const shown = yield* withDemos(context, rewritten, steps);
      return betterOf(context, rewritten, { shown });
    },
  };
}

/** Where choices are scored, how probable the right answers are tells more than which came out on top. */
function rankOf({ program, train, validation, choiceScores }: OptimizationContext): RacePlan['rank'] {
  const step = choiceScores ? findClosedStep(program) : undefined;
  return step && rankByAnswerProbability(step, { examples: validation, train });
}

/** Demos take tokens of every row to come: they stay where they are better, not where they are as good. */
async function betterOf(
  { evaluate, validation }: OptimizationContext,
  plain: Candidate,
  { shown, rank }: { readonly shown: Candidate; readonly rank?: RacePlan['rank'] },
): Promise<Candidate> {
  const traces = rank !== undefined;
  const [before, after] = await Promise.all([
    evaluate(plain, validation, { traces }),
    evaluate(shown, validation, { traces }),
  ]);
  const isAhead = rank === undefined ? isBetter(after, before) : ranksAbove(after, before, rank);
  return isAhead ? shown : plain;
}

/** The layout, demo sets and an ensemble, from a candidate. */
async function* withDemos(
  { nest }: OptimizationContext,
  start: Candidate,
  { layout, race, ensemble }: Omit<ReturnType<typeof stepsOf>, 'climb'>,
): AsyncGenerator<Decision, Candidate, void> {
  let seed = start;
  if (layout !== undefined) {
    yield { type: 'phase-started', phase: 'layout' };
    seed = (yield* nest(layout, { label: 'layout', seed })).candidate;
  }
  if (ensemble !== undefined) {
    yield { type: 'phase-started', phase: 'ensemble' };
    return (yield* nest(ensemble, { label: 'ensemble', seed })).candidate;
  }
  if (race === undefined) return seed;
  yield {
    type: 'phase-started',
    phase: 'demo sets',
    note: `${race.options.sets} sets of ${race.options.demos}`,
  };
  return (yield* nest(race, { label: 'demo sets', seed })).candidate;
}

function showsDemos(program: ProgramShape): boolean {
  return program.parameters.some(({ kind }) => kind === 'demos');
}

/** Which methods, and how large, for a task. */
function stepsOf(
  { sets, demos, channelDemos, channelWords, words, layoutRows, rounds }: z.output<typeof autoSchema>,
  { program, choiceScores, reflects = false }: Pick<TaskSize, 'program' | 'choiceScores' | 'reflects'>,
) {
  const hasDemos = showsDemos(program);
  const choice = choiceScores && hasDemos ? findClosedStep(program)?.choice : undefined;
  const size = demos ?? (choice === undefined ? 8 : Math.min(16, Math.max(4, choice.choices.length)));
  const hasLayouts = program.parameters.some(({ part }) => part === 'format');
  const hasTexts = textTargets(program).length > 0;
  return {
    climb: reflects && hasTexts && rounds > 0 ? reflectiveClimb({ rounds }) : undefined,
    layout: hasLayouts && hasDemos ? layoutChoice({ demos: size, rows: layoutRows }) : undefined,
    race:
      choice === undefined && hasDemos
        ? demoSetRace({ sets, demos: size, votes: 3, firstRung: layoutRows })
        : undefined,
    ensemble:
      choice === undefined ? undefined : choiceEnsemble({ demos: size, channelDemos, channelWords, words }),
  };
}
