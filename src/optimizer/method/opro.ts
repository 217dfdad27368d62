import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { attemptsOf } from '../part/attempts.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { labelledRecord, scoreOf } from '../part/row-records.ts';
import { describeTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const oproPrompts = {
  propose: signature(
    {
      inputs: { place: 'string', attempts: 'json', examples: 'json' },
      outputs: { text: 'string' },
    },
    {
      instructions:
        'A text that tells a language model how to do a task is being improved. You see earlier texts with the ' +
        'scores that they reached, from worst to best, and some rows of the task with what is expected. Work out ' +
        'what makes the better texts better and what the rows ask for. Then write one text that differs from all ' +
        'of them and should score higher. Keep it short and general: it must serve rows that you do not see, so ' +
        'it names no row. Keep every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        attempts: 'earlier texts with scores from 0 to 100, ascending',
        examples: 'rows with what is expected',
        text: 'the new text, whole and ready for use',
      },
    },
  ),
};

/** What the options are checked by. */
export const oproSchema = z.strictObject({
  steps: z.int().min(1).max(1_000).default(20).describe('Steps, each a round of proposals.'),
  perStep: z.int().min(1).max(64).default(8).describe('Texts proposed in a step.'),
  shown: z.int().min(1).max(200).default(20).describe('Best earlier texts that a proposal sees.'),
  exemplars: z.int().min(0).max(64).default(3).describe('Rows that a proposal sees, those most often wrong.'),
  survivors: z
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Texts of a step that are scored on all of validation.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the proposals.'),
  patience: z.int().min(1).max(1_000).default(10).describe('Steps without a new best text before it stops.'),
  prompts: promptsOption(oproPrompts),
});

export interface OproOptions {
  /** Steps, each a round of proposals. @default 20 */
  readonly steps?: number | undefined;
  /** Texts proposed in a step. @default 8 */
  readonly perStep?: number | undefined;
  /** Best earlier texts that a proposal sees. @default 20 */
  readonly shown?: number | undefined;
  /** Rows that a proposal sees, those most often wrong. @default 3 */
  readonly exemplars?: number | undefined;
  /** Texts of a step that are scored on all of validation. @default 2 */
  readonly survivors?: number | undefined;
  /** Of the proposals. @default 1 */
  readonly temperature?: number | undefined;
  /** Steps without a new best text before it stops. @default 10 */
  readonly patience?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly propose?: string | undefined } | undefined;
}

/**
 * Shows a model the texts tried so far with their scores, in ascending order, and asks for a better one, again
 * and again. The steps of a program take turns.
 *
 * @see Yang et al. 2023, "Large Language Models as Optimizers", https://arxiv.org/abs/2309.03409. Deviations: 20
 *   steps instead of 200; the texts of a step race, and only `survivors` are scored on all rows; the rows shown
 *   are those of train that are most often wrong, not drawn at random.
 */
export function opro(options: OproOptions = {}): Optimizer {
  const resolved = resolveOptions(oproSchema, options, { of: 'opro' });
  const { steps, perStep, shown, exemplars, survivors, temperature, patience } = resolved;
  const prompts = withReplaced(oproPrompts, resolved.prompts);
  return {
    name: 'opro',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Shows a model the texts so far with their scores, worst first, and asks for a better one, again and again.',
      when: 'A short instruction, a strong reflection model and a cheap task model.',
      cost: {
        task: 'validation + min(train, 32) + steps * race(perStep, survivors)',
        reflection: '2 * steps * perStep',
      },
    },
    fresh: () => opro(options),
    estimate: ({ train, validation, callsPerRow }) => ({
      task:
        (validation +
          Math.min(train, exemplarPool) +
          steps * rowsOfValidationRace(perStep, { validation, keep: survivors })) *
        callsPerRow,
      reflection: reflectionCalls(steps * perStep),
    }),
    async *optimize(context) {
      const { seed, program, validation, ask, admit, evaluate } = context;
      const targets = textTargets(program);
      const hardest = await hardestRows(context);
      let best = await evaluate(seed, validation);
      const tried: CandidateEvaluation[] = [best];
      for (let step = 0, stale = 0; step < steps && stale < patience; step += 1, stale += 1) {
        const target = targets[step % targets.length];
        if (target === undefined) break;
        const answers = await ask(
          Array.from({ length: perStep }, (_, sample) => ({
            label: `step-${step}`,
            sample,
            temperature,
            signature: prompts.propose,
            inputs: {
              place: describeTarget(target, textOf(seed, target)),
              attempts: attemptsOf(tried, target).slice(-shown),
              examples: hardest.slice(0, exemplars).map((example) => labelledRecord(example)),
            },
          })),
        );
        const fresh = newCandidates(
          admit(
            rewrites(answers, {
              target,
              parent: best.candidate,
              origin: `proposal of step ${step + 1}`,
              textsOf: ({ text }) => [text],
            }),
          ),
        );
        const finalists = await raceOnValidation(context, fresh, { label: `step-${step}`, keep: survivors });
        tried.push(...finalists);
        const [first] = finalists;
        if (!isBetter(first, best)) continue;
        best = first;
        stale = -1;
        yield accepted(best, `step ${step + 1}`);
      }
      return best.candidate;
    },
  };
}

/** Rows of train that the seed answers, to know which are hard. */
const exemplarPool = 32;

/** Rows of train, those that the seed gets wrong first. */
async function hardestRows({
  seed,
  train,
  random,
  evaluate,
}: OptimizationContext): Promise<readonly Example[]> {
  const pool = random.fork('exemplars').sample(train, exemplarPool);
  const { results } = await evaluate(seed, pool);
  const values = new Map(results.map((result) => [result.exampleId, scoreOf(result) ?? 1]));
  return [...pool].sort((a, b) => (values.get(a.id) ?? 1) - (values.get(b.id) ?? 1));
}
