import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { type Candidate, type DemoSet, parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { PromptFormat } from '../../prompt/prompt-format.ts';
import type { CandidateEvaluation, OptimizationContext, OptimizationEvent, Optimizer } from '../optimizer.ts';
import { rankByAnswerProbability } from '../part/answer-probability.ts';
import {
  answerShares,
  type ClosedStep,
  findClosedStep,
  namedOffsets,
  priorOffsets,
  scoresBySet,
} from '../part/calibration.ts';
import { balancedSample, demoChanges, labelledDemos } from '../part/demo-sets.ts';
import { nestedRungs, rowsOfRace } from '../part/rungs.ts';

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

/** Demo sets whose answers are put to the vote where choices are not scored. */
const votes = 3;

type Decisions<Result> = AsyncGenerator<OptimizationEvent, Result, void>;

/**
 * What to run when nobody says what to run: chooses the layout, races demo sets on nested prefixes of
 * validation, calibrates, and keeps an ensemble where it pays. On a model that scores choices, the ensemble
 * is the best calibrated set and a noisy channel; elsewhere it is a vote of the three best sets.
 *
 * @see Min et al. 2022, "Noisy Channel Language Model Prompting", https://arxiv.org/abs/2108.04106; Zhou et
 *   al. 2023, "Batch Calibration", https://arxiv.org/abs/2309.17249.
 */
export function auto(given: AutoOptions = {}): Optimizer {
  const options = resolveOptions(autoSchema, given, { of: 'auto' });
  return {
    name: 'auto',
    version: 1,
    options,
    needs: { parameters: ['demos'], labels: true },
    estimate: ({ validation, callsPerRow, program, choiceScores }) => {
      const choice = choiceScores ? findClosedStep(program)?.choice : undefined;
      const { sets, layoutRows } = withDefaults(options, choice?.choices.length);
      const keep = choice === undefined ? votes : 1;
      const layout = 3 * Math.min(layoutRows, validation);
      const race = layout + rowsOfRace(sets, { rungs: nestedRungs(validation, layoutRows), keep });
      const ensemble =
        choice === undefined ? votes * validation : 2 * (choice.choices.length + 1) * validation;
      return { task: (race + ensemble) * callsPerRow, reflection: 0 };
    },
    async *optimize(context) {
      const step = context.choiceScores ? findClosedStep(context.program) : undefined;
      const plan = withDefaults(options, step?.choice.choices.length);
      const setting: AutoSetting = {
        context,
        step,
        plan,
        order: context.random.fork('order').shuffle(context.validation),
      };
      const layout = yield* chooseLayout(setting);
      const finalists = yield* raceDemoSets(setting, layout);
      const [best] = finalists;
      if (best === undefined) return context.seed;
      return step === undefined
        ? yield* keepVote(setting, finalists)
        : yield* keepPool({ ...setting, step }, best);
    },
  };
}

type ResolvedOptions = z.output<typeof autoSchema>;
type Plan = Required<ResolvedOptions>;

interface AutoSetting {
  readonly context: OptimizationContext;
  /** The step whose choices are scored, if there is one. */
  readonly step: ClosedStep | undefined;
  readonly plan: Plan;
  /** Validation in the order of all races. */
  readonly order: OptimizationContext['validation'];
}

function withDefaults(options: ResolvedOptions, answers: number | undefined): Plan {
  const { sets = answers === undefined ? 8 : 3 } = options;
  const { demos = answers === undefined ? 8 : Math.min(16, Math.max(4, answers)) } = options;
  return { ...options, sets, demos };
}

/** The first demo set in every layout on a few rows: the layout matters more than which demos are shown. */
async function* chooseLayout(setting: AutoSetting): Decisions<Candidate> {
  const { context, step, plan, order } = setting;
  const { seed, program } = context;
  const layouts = program.parameters.find(({ name, kind }) => kind === 'choice' && name.endsWith('.format'));
  // JSON helps to read what a model writes; where choices are scored, nothing is read.
  const skipped = step === undefined ? ['channel'] : ['channel', 'json'];
  const formats = (layouts?.options ?? []).filter((format) => !skipped.includes(format));
  const changes = demoSetChanges(setting, 0);
  if (layouts === undefined || formats.length < 2) return seed;
  yield { type: 'phase-started', phase: 'layout', note: formats.join(', ') };
  const candidates = context.admit(
    formats.map((value) => ({
      changes: { ...changes, [layouts.name]: { kind: 'choice', value } },
      origin: `layout ${value}, demo set 1`,
    })),
    seed,
  );
  const { finalists } = await context.race(candidates, {
    examples: order,
    rungs: [plan.layoutRows],
    rank: rankOf(setting, step),
  });
  const [best] = finalists;
  if (best === undefined) return seed;
  yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: 'best layout' };
  const format = parameterOf(best.candidate, layouts.name, 'choice');
  return format === undefined ? seed : { ...seed, [layouts.name]: format };
}

/** Demo sets of different rows, in the chosen layout, on nested prefixes. */
async function* raceDemoSets(
  setting: AutoSetting,
  layout: Candidate,
): Decisions<readonly CandidateEvaluation[]> {
  const { context, step, plan, order } = setting;
  const { seed, admit } = context;
  const drafts = Array.from({ length: plan.sets }, (_, index) => ({
    changes: { ...layout, ...demoSetChanges(setting, index) },
    origin: `demo set ${index + 1}`,
  }));
  yield { type: 'phase-started', phase: 'demo sets', note: `${plan.sets} sets of ${plan.demos}` };
  // The first set is known from the choice of the layout, so only the others pass the guards again.
  const [first, ...others] = drafts;
  const known = first === undefined ? [] : [{ ...seed, ...first.changes }];
  const { finalists } = await context.race([...known, ...admit(others, seed)], {
    examples: order,
    rungs: nestedRungs(order.length, plan.layoutRows),
    keep: step === undefined ? votes : 1,
    rank: rankOf(setting, step),
  });
  const [best] = finalists;
  if (best !== undefined) {
    yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: 'best demo set' };
  }
  return finalists;
}

function demoSetChanges({ context, plan }: AutoSetting, index: number): Candidate {
  const { program, train, random } = context;
  return demoChanges(program, (step) => ({
    demos: balancedSample(labelledDemos(train, step), plan.demos, random.fork(`set-${index}/${step.name}`)),
  }));
}

/** Scored choices are ranked by the calibrated probability of the right answer, others by their mean score. */
function rankOf({ context }: AutoSetting, step: ClosedStep | undefined) {
  return step === undefined
    ? undefined
    : rankByAnswerProbability(step, { examples: context.validation, train: context.train });
}

/** A majority vote of the finalists, kept when it scores higher than the best of them alone. */
async function* keepVote(
  { context }: AutoSetting,
  finalists: readonly CandidateEvaluation[],
): Decisions<Candidate> {
  const { program, validation, admit, evaluate } = context;
  // A race may let more than the three best reach its end.
  const voters = finalists.slice(0, votes);
  const [best] = voters;
  if (best === undefined) return context.seed;
  const changes: Record<string, Candidate[string]> = {};
  for (const { name } of program.steps) {
    const sets = voters.flatMap(
      ({ candidate }) => parameterOf(candidate, parameterName(name, 'demos'), 'demos')?.sets ?? [],
    );
    changes[parameterName(name, 'demos')] = { kind: 'demos', sets };
  }
  if (voters.length < votes || !context.budget.allows(votes * validation.length)) return best.candidate;
  const [vote] = admit([{ changes, origin: `vote of ${votes} demo sets` }], best.candidate);
  if (vote === undefined) return best.candidate;
  const voted = await evaluate(vote, validation);
  if (voted.mean <= best.mean) return best.candidate;
  yield {
    type: 'candidate-accepted',
    candidate: voted.hash,
    mean: voted.mean,
    note: 'vote of the best sets',
  };
  return vote;
}

/** The best set calibrated, alone and pooled with a channel; the best of them on validation. */
async function* keepPool(
  setting: AutoSetting & { readonly step: ClosedStep },
  best: CandidateEvaluation,
): Decisions<Candidate> {
  const { context, step, plan } = setting;
  const { admit, evaluate, validation } = context;
  const direct = await calibratedSet(setting, best);
  const channel = channelSet(setting, direct);
  const alone = { changes: setsOf(step, [direct]), origin: 'calibrated demo set' };
  const drafts =
    channel === undefined
      ? [alone]
      : [
          {
            changes: setsOf(step, [direct, { ...channel, weight: plan.channelWeight }]),
            origin: `calibrated demo set pooled with a channel of ${plan.channelDemos} demos an answer`,
          },
          { changes: setsOf(step, [channel]), origin: `channel of ${plan.channelDemos} demos an answer` },
          alone,
        ];
  yield { type: 'phase-started', phase: 'ensemble' };
  let chosen = best;
  for (const candidate of admit(drafts, best.candidate)) {
    const evaluation = await evaluate(candidate, validation);
    if (evaluation.mean > chosen.mean) chosen = evaluation;
  }
  yield { type: 'candidate-accepted', candidate: chosen.hash, mean: chosen.mean, note: 'best ensemble' };
  return chosen.candidate;
}

/** The set with the offsets that make its answers as frequent on validation inputs as in the training rows. */
async function calibratedSet(
  { context, step }: AutoSetting & { readonly step: ClosedStep },
  { candidate }: CandidateEvaluation,
): Promise<DemoSet> {
  const evaluation = await context.evaluate(candidate, context.validation);
  const [scores = []] = scoresBySet(evaluation, step.name);
  const offsets = priorOffsets(scores, answerShares(context.train, step.choice));
  const [set] = parameterOf(candidate, parameterName(step.name, 'demos'), 'demos')?.sets ?? [];
  const format = parameterOf(candidate, parameterName(step.name, 'format'), 'choice')?.value as
    | PromptFormat
    | undefined;
  return { demos: set?.demos ?? [], format, offsets: namedOffsets(step.choice.choices, offsets) };
}

/** Demos of every answer from rows that the direct set does not use; undefined when an answer has none. */
function channelSet(
  { context, step, plan }: AutoSetting & { readonly step: ClosedStep },
  direct: DemoSet,
): DemoSet | undefined {
  const { field, choices } = step.choice;
  const used = new Set(direct.demos.map(({ source }) => source));
  const pool = labelledDemos(context.train, step).filter(({ source }) => !used.has(source));
  const demos = choices.flatMap((choice) =>
    context.random
      .fork(`channel/${choice}`)
      .shuffle(pool.filter(({ outputs }) => outputs[field] === choice))
      .slice(0, plan.channelDemos),
  );
  const shown = new Set(demos.map(({ outputs }) => outputs[field]));
  return plan.channelDemos > 0 && shown.size === choices.length
    ? { demos, format: 'channel', words: plan.channelWords }
    : undefined;
}

/** An ensemble has its layouts and calibrations in its sets. */
function setsOf(step: ClosedStep, sets: readonly DemoSet[]): Candidate {
  return {
    [parameterName(step.name, 'demos')]: { kind: 'demos', sets },
    [parameterName(step.name, 'calibration')]: { kind: 'calibration', offsets: {} },
  };
}
