import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { type Candidate, type DemoSet, parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { PromptFormat } from '../../prompt/prompt-format.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
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
import { labelledDemos } from '../part/demo-sets.ts';
import { pairedDifference } from '../part/paired-difference.ts';

/** What the options are checked by. */
export const channelEnsembleSchema = z.strictObject({
  demos: z.int().min(0).max(256).default(16).describe('Demos for each answer in the channel; 0 tries none.'),
  words: z
    .int()
    .min(1)
    .max(10_000)
    .default(16)
    .describe('Words of a row that the channel reads; each is read once for every answer.'),
  weight: z
    .number()
    .positive()
    .max(100)
    .default(0.3)
    .describe("The channel's say beside the direct prompt, whose say is 1."),
});

export interface ChannelEnsembleOptions {
  /** Demos for each answer in the channel; 0 tries none. From 0 to 256. @default 16 */
  readonly demos?: number | undefined;
  /** Words of a row that the channel reads; each is read once for every answer. From 1 to 10,000. @default 16 */
  readonly words?: number | undefined;
  /** The channel's say beside the direct prompt, whose say is 1. Above 0, at most 100. @default 0.3 */
  readonly weight?: number | undefined;
}

/**
 * Calibrates the demo set of the prompt, and tries it alone, beside a noisy channel (which scores the row as
 * the continuation of each answer), and the channel alone. Keeps the best on validation.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 * @see Min et al. 2022, "Noisy Channel Language Model Prompting", https://arxiv.org/abs/2108.04106; Zhou et
 *   al. 2023, "Batch Calibration", https://arxiv.org/abs/2309.17249.
 */
export function channelEnsemble(options: ChannelEnsembleOptions = {}): Optimizer {
  const resolved = resolveOptions(channelEnsembleSchema, options, { of: 'channelEnsemble' });
  const { demos, weight } = resolved;
  return {
    name: 'channelEnsemble',
    version: 2,
    options: resolved,
    needs: { parameters: ['demos', 'calibration'], labels: true, choiceScores: true },
    guide: {
      does: 'Calibrates the demo set of a prompt and pools it with a noisy channel, which scores the row given each answer.',
      when: 'A small local model answers a closed choice, and some more calls for each row in production are no matter.',
      cost: {
        task: 'validation * (1 + (demos > 0 ? answers : 0))',
        reflection: '0',
      },
    },
    fresh: () => channelEnsemble(options),
    estimate: ({ validation, callsPerRow, program }) => {
      const answers = findClosedStep(program)?.choice.choices.length ?? 1;
      return {
        task: (1 + (demos > 0 ? answers : 0)) * validation * callsPerRow,
        reflection: 0,
        winnerCallsPerRow: (1 + (demos > 0 ? answers : 0)) * callsPerRow,
      };
    },
    async *optimize(context) {
      const { seed, validation, admit, evaluate, budget } = context;
      const step = closedStep(context.program);
      const before = await evaluate(seed, validation, { traces: true });
      const direct = calibratedSet(context, { step, before });
      const channel = channelSet(context, { step, direct, ...resolved });
      const alone = { changes: setsOf(step, [direct]), origin: 'calibrated demo set' };
      const drafts =
        channel === undefined
          ? [alone]
          : [
              {
                changes: setsOf(step, [direct, { ...channel, weight }]),
                origin: `calibrated demo set pooled with a channel of ${demos} demos an answer`,
              },
              { changes: setsOf(step, [channel]), origin: `channel of ${demos} demos an answer` },
              alone,
            ];
      let chosen: CandidateEvaluation = before;
      for (const candidate of candidatesOf(admit(drafts.map((draft) => ({ ...draft, parents: [seed] }))))) {
        if (!budget.allows(validation, candidate)) {
          yield {
            type: 'notice',
            message: 'The budget does not hold an ensemble and its proof, so one was not tried.',
          };
          continue;
        }
        const evaluation = await evaluate(candidate, validation);
        if (pairedDifference(chosen, evaluation).meanWithLost > 0) chosen = evaluation;
      }
      yield { type: 'candidate-accepted', candidate: chosen.hash, mean: chosen.mean, note: 'best ensemble' };
      return chosen.candidate;
    },
  };
}

interface Calibrated {
  readonly step: ClosedStep;
  /** The prompt on validation, with traces. */
  readonly before: CandidateEvaluation;
}

/** The prompt's first set with the offsets that make its answers as frequent on validation as in training. */
function calibratedSet({ train }: OptimizationContext, { step, before }: Calibrated): DemoSet {
  const scores = scoredRows(before, step.name).map((row) => row.scores[0] ?? []);
  const offsets = priorOffsets(scores, answerShares(train, step.choice));
  const [set] = parameterOf(before.candidate, parameterName(step.name, 'demos'), 'demos')?.sets ?? [];
  const format = parameterOf(before.candidate, parameterName(step.name, 'format'), 'choice')?.value;
  return {
    demos: set?.demos ?? [],
    format: (set?.format ?? format) as PromptFormat | undefined,
    offsets: namedOffsets(step.choice.choices, offsets),
  };
}

/** Demos of every answer from rows that the direct set does not use; undefined when an answer has none. */
function channelSet(
  { train, random }: OptimizationContext,
  {
    step,
    direct,
    demos,
    words,
  }: { readonly step: ClosedStep; readonly direct: DemoSet; readonly demos: number; readonly words: number },
): DemoSet | undefined {
  const { field, choices } = step.choice;
  const used = new Set(direct.demos.map(({ source }) => source));
  const pool = labelledDemos(train, step).filter(({ source }) => !used.has(source));
  const shown = choices.flatMap((choice) =>
    random
      .fork(`channel/${choice}`)
      .shuffle(pool.filter(({ outputs }) => outputs[field] === choice))
      .slice(0, demos),
  );
  const answers = new Set(shown.map(({ outputs }) => outputs[field]));
  return demos > 0 && answers.size === choices.length
    ? { demos: shown, format: 'channel', words }
    : undefined;
}

/** An ensemble has its layouts and calibrations in its sets. */
function setsOf(step: ClosedStep, sets: readonly DemoSet[]): Candidate {
  return {
    [parameterName(step.name, 'demos')]: { kind: 'demos', sets },
    [parameterName(step.name, 'calibration')]: { kind: 'calibration', offsets: {} },
  };
}
