import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, type DemoSet, parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { PromptFormat } from '../../prompt/prompt-format.ts';
import type { CandidateEvaluation, Decision, OptimizationContext, Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import {
  answerShares,
  type ClosedStep,
  closedStep,
  findClosedStep,
  namedOffsets,
  priorOffsets,
  scoredRows,
} from '../part/calibration.ts';
import { balancedSample, labelledDemos } from '../part/demo-sets.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { poolWeights } from '../part/pool-weights.ts';
import { tellingWords } from '../part/telling-words.ts';
import { unweighedWords, weighedWords } from '../part/weighed-words.ts';

/** Those of {@link choiceEnsemble} that what is made of it takes too. */
export const waysOfTelling = {
  words: z
    .int()
    .min(0)
    .max(1_000)
    .default(120)
    .describe('Most words that the answer may be told by; 0 tries none.'),
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
    .default(12)
    .describe('Words of a row that the channel reads; each is read once for every answer.'),
};

/** What the options are checked by. */
export const choiceEnsembleSchema = z.strictObject({
  demos: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Demos of the prompt, drawn evenly over the answers where it has none.')
    .meta({ defaultText: 'one for each answer, 4 to 16' }),
  rows: z.int().min(1).max(100_000).default(400).describe('Training rows that the words are weighed on.'),
  ...waysOfTelling,
});

export interface ChoiceEnsembleOptions {
  /** Demos of the prompt, drawn evenly over the answers where it has none. From 1 to 256. @default one for each answer, 4 to 16 */
  readonly demos?: number | undefined;
  /** Most words that the answer may be told by; 0 tries none. From 0 to 1,000. @default 120 */
  readonly words?: number | undefined;
  /** Training rows that the words are weighed on. From 1 to 100,000. @default 400 */
  readonly rows?: number | undefined;
  /** Demos for each answer in a channel; 0 tries none. From 0 to 256. @default 16 */
  readonly channelDemos?: number | undefined;
  /** Words of a row that the channel reads; each is read once for every answer. From 1 to 10,000. @default 12 */
  readonly channelWords?: number | undefined;
}

type Resolved = z.output<typeof choiceEnsembleSchema>;

/** Numbers of all words and answers that a candidate should hold at most. */
const mostNumbers = 8_000;

/**
 * Three ways of telling a closed choice on a small model, pooled as far as they add something. The demo set of the
 * prompt, calibrated. A noisy channel, which scores the row as the continuation of each answer. And words: a small
 * model may not know that a message about a card that was charged twice is called `billing`, and yet go on with
 * `charge` or `payment`; how likely it finds the words that tell the answers apart is weighed on the training rows.
 * The weights of the three are those under which the right answers of validation are likeliest.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 * @see Zhou et al. 2023, "Batch Calibration", https://arxiv.org/abs/2309.17249; Min et al. 2022, "Noisy Channel Language
 *   Model Prompting", https://arxiv.org/abs/2108.04106; Hu et al. 2022, "Knowledgeable Prompt-tuning",
 *   https://arxiv.org/abs/2108.02035, whose words come from dictionaries.
 */
export function choiceEnsemble(options: ChoiceEnsembleOptions = {}): Optimizer {
  const resolved = resolveOptions(choiceEnsembleSchema, options, { of: 'choiceEnsemble' });
  const { demos, channelDemos, words, rows } = resolved;
  return {
    name: 'choiceEnsemble',
    version: 2,
    options: resolved,
    needs: { parameters: ['demos', 'calibration'], labels: true, choiceScores: true },
    guide: {
      does: 'Tells a closed choice by a calibrated demo set, by a noisy channel and by words that the model would go on with, pooled as far as they add something.',
      when: 'A small local model answers a closed choice, some hundred rows have labels, and some more calls for each row in production are no matter.',
      cost: {
        task: '(words > 0 ? min(rows, train) : 0) + validation * (2 + (words > 0 ? 1 : 0) + (channelDemos > 0 ? answers : 0))',
        reflection: '0',
      },
    },
    fresh: () => choiceEnsemble(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const answers = findClosedStep(program)?.choice.choices.length ?? 1;
      const ways = 1 + (words > 0 ? 1 : 0) + (channelDemos > 0 ? answers : 0);
      return {
        task: ((words > 0 ? Math.min(rows, train) : 0) + (1 + ways) * validation) * callsPerRow,
        reflection: 0,
        winnerCallsPerRow: ways * callsPerRow,
      };
    },
    async *optimize(context) {
      const { seed, validation, admit, evaluate, budget } = context;
      const step = closedStep(context.program);
      const before = await evaluate(seed, validation);
      const [shown] = candidatesOf(admit(draftsOf([[directSet(context, { step, demos })]], { step, seed })));
      if (shown === undefined || !budget.allows(validation, shown)) return seed;
      const direct = calibratedSet(context, {
        step,
        before: await evaluate(shown, validation, { traces: true }),
      });
      const told = yield* toldByWords(context, { step, options: resolved });
      const channel = channelSet(context, { step, direct, options: resolved });
      // The best ways first: where the budget does not hold all of them, it is the dear ones that stay out.
      const pools = [[direct, told, channel], [direct, told], [direct]].map((sets) =>
        sets.filter((set) => set !== undefined),
      );
      let chosen = before;
      for (const candidate of candidatesOf(admit(draftsOf(pools, { step, seed })))) {
        if (!budget.allows(validation, candidate)) {
          yield { type: 'notice', message: 'The budget does not hold all ways of telling and their proof.' };
          continue;
        }
        const pooled = await evaluate(candidate, validation, { traces: true });
        const [weighed] = candidatesOf(
          admit(draftsOf([weighedSets(pooled, { step, validation })], { step, seed })),
        );
        const best = weighed === undefined ? pooled : await evaluate(weighed, validation);
        if (pairedDifference(chosen, best).meanWithLost > 0) chosen = best;
        break;
      }
      yield { type: 'candidate-accepted', candidate: chosen.hash, mean: chosen.mean, note: 'best ensemble' };
      return chosen.candidate;
    },
  };
}

/**
 * The first demo set of the prompt, or a random one: one that was the best of several on validation would look better
 * there than it is, and get too much of a say.
 */
function directSet(
  { seed, train, random }: OptimizationContext,
  { step, demos }: { readonly step: ClosedStep; readonly demos: number | undefined },
): DemoSet {
  const [own] = parameterOf(seed, parameterName(step.name, 'demos'), 'demos')?.sets ?? [];
  const format = (own?.format ?? parameterOf(seed, parameterName(step.name, 'format'), 'choice')?.value) as
    | PromptFormat
    | undefined;
  if (own !== undefined && own.demos.length > 0) return { demos: own.demos, nearest: own.nearest, format };
  const count = demos ?? Math.min(16, Math.max(4, step.choice.choices.length));
  return { demos: balancedSample(labelledDemos(train, step), count, random.fork('demos')), format };
}

/** A set with the offsets that make its answers as frequent on validation as in training. */
function calibratedSet(
  { train }: OptimizationContext,
  { step, before }: { readonly step: ClosedStep; readonly before: CandidateEvaluation },
): DemoSet {
  const scores = scoredRows(before, step.name).map((row) => row.scores[0] ?? []);
  const offsets = priorOffsets(scores, answerShares(train, step.choice));
  const [set] = parameterOf(before.candidate, parameterName(step.name, 'demos'), 'demos')?.sets ?? [];
  return { demos: [], ...set, offsets: namedOffsets(step.choice.choices, offsets) };
}

/** Words weighed on training rows; undefined where none are wanted, or the budget does not hold it. */
async function* toldByWords(
  { train, random, admit, evaluate, budget, seed }: OptimizationContext,
  { step, options }: { readonly step: ClosedStep; readonly options: Resolved },
): AsyncGenerator<Decision, DemoSet | undefined, void> {
  const { choice } = step;
  const most = Math.min(options.words, Math.max(20, Math.floor(mostNumbers / choice.choices.length)));
  const labelled = labelledRows(random.fork('words').shuffle(train), step).slice(0, options.rows);
  const words = tellingWords(labelled, choice, most);
  if (words.length === 0) return undefined;
  const [probe] = candidatesOf(admit(draftsOf([[unweighedWords(words)]], { step, seed })));
  if (probe === undefined || !budget.allows(labelled, probe)) {
    yield {
      type: 'notice',
      message: 'The budget does not hold a call for each training row, so no words were weighed.',
    };
    return undefined;
  }
  const asked = await evaluate(probe, labelled, { traces: true });
  return weighedWords(asked, { step, rows: labelled, words });
}

function labelledRows(rows: readonly Example[], { choice }: ClosedStep): readonly Example[] {
  return rows.filter(({ expected }) => choice.choices.includes(String(expected?.[choice.field])));
}

/** Demos of every answer from rows that the direct set does not use; undefined when an answer has none. */
function channelSet(
  { train, random }: OptimizationContext,
  {
    step,
    direct,
    options: { channelDemos, channelWords },
  }: { readonly step: ClosedStep; readonly direct: DemoSet; readonly options: Resolved },
): DemoSet | undefined {
  const { field, choices } = step.choice;
  const used = new Set(direct.demos.map(({ source }) => source));
  const pool = labelledDemos(train, step).filter(({ source }) => !used.has(source));
  const shown = choices.flatMap((choice) =>
    random
      .fork(`channel/${choice}`)
      .shuffle(pool.filter(({ outputs }) => outputs[field] === choice))
      .slice(0, channelDemos),
  );
  const answers = new Set(shown.map(({ outputs }) => outputs[field]));
  return channelDemos > 0 && answers.size === choices.length
    ? { demos: shown, format: 'channel', words: channelWords, weight: channelWeight }
    : undefined;
}

/** A channel adds up the evidence of all words of a row as if they were independent: it is too sure of itself. */
const channelWeight = 0.2;

/** The sets of a pool with the weights that make the right answers likeliest, without those that add nothing. */
function weighedSets(
  pooled: CandidateEvaluation,
  { step, validation }: { readonly step: ClosedStep; readonly validation: readonly Example[] },
): readonly DemoSet[] {
  const { field, choices } = step.choice;
  const right = new Map(
    validation.map(({ id, expected }) => [id, choices.indexOf(String(expected?.[field]))]),
  );
  const sets = parameterOf(pooled.candidate, parameterName(step.name, 'demos'), 'demos')?.sets ?? [];
  const rows = scoredRows(pooled, step.name).flatMap(({ exampleId, scores }) => {
    const target = right.get(exampleId) ?? -1;
    return target < 0 ? [] : [{ scores, target }];
  });
  const weights = poolWeights(rows, { sets, choices });
  return sets.flatMap((set, index) => {
    const weight = weights[index] ?? 0;
    return weight === 0 ? [] : [{ ...set, weight }];
  });
}

/** Drafts whose sets are asked and pooled; an ensemble has its layouts and calibrations in its sets. */
function draftsOf(
  pools: readonly (readonly DemoSet[])[],
  { step, seed }: { readonly step: ClosedStep; readonly seed: Candidate },
) {
  return pools.map((sets) => ({
    changes: {
      [parameterName(step.name, 'demos')]: { kind: 'demos', sets },
      [parameterName(step.name, 'calibration')]: { kind: 'calibration', offsets: {} },
    } satisfies Candidate,
    origin: `told by ${sets.map(nameOf).join(' and ')}`,
    parents: [seed],
  }));
}

function nameOf({ verbalizer, format, demos }: DemoSet): string {
  if (verbalizer !== undefined) return `${verbalizer.words.length} words`;
  return format === 'channel' ? `a channel of ${demos.length} demos` : `${demos.length} calibrated demos`;
}
