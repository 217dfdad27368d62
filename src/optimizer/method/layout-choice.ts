import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { OptimizationContext, Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { rankByAnswerProbability } from '../part/answer-probability.ts';
import { findClosedStep } from '../part/calibration.ts';
import { balancedSample, demoChanges, labelledDemos } from '../part/demo-sets.ts';

/** What the options are checked by. */
export const layoutChoiceSchema = z.strictObject({
  demos: z.int().min(1).max(256).default(8).describe('Demos in the prompt.'),
  rows: z.int().min(1).max(10_000).default(12).describe('Validation rows on which the layouts are compared.'),
});

export interface LayoutChoiceOptions {
  /** Demos in the prompt. From 1 to 256. @default 8 */
  readonly demos?: number | undefined;
  /** Validation rows on which the layouts are compared. From 1 to 10,000. @default 12 */
  readonly rows?: number | undefined;
}

/**
 * Tries one set of labelled demos in every layout of the prompt on a few rows and keeps the best: the layout
 * matters more than which demos are shown. A program of several steps is laid out in one way throughout.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 * @see Sclar et al. 2024, "Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design".
 *   https://arxiv.org/abs/2310.11324
 */
export function layoutChoice(options: LayoutChoiceOptions = {}): Optimizer {
  const resolved = resolveOptions(layoutChoiceSchema, options, { of: 'layoutChoice' });
  return {
    name: 'layoutChoice',
    version: 1,
    options: resolved,
    needs: { parameters: ['demos', 'choice'], labels: true },
    guide: {
      does: 'Tries one set of demos in every layout of the prompt and keeps the best.',
      when: 'The model is small or particular about the form of its prompt.',
      cost: {
        task: 'layouts * min(rows, validation)',
        reflection: '0',
      },
    },
    fresh: () => layoutChoice(options),
    estimate: ({ validation, callsPerRow, program }) => ({
      task: mostLayouts(program) * Math.min(resolved.rows, validation) * callsPerRow,
      reflection: 0,
    }),
    async *optimize(context) {
      const { program, seed, train, validation, random, admit } = context;
      const inLayouts = (count: number) => {
        const demos = demoChanges(program, (step) => ({
          demos: balancedSample(labelledDemos(train, step), count, random.fork(step.name)),
        }));
        return candidatesOf(
          admit(
            layoutsOf(context).map((layout) => ({
              changes: { ...demos, ...inLayout(context, layout) },
              origin: `layout ${layout}`,
            })),
          ),
        );
      };
      // Fewer demos where so many of these rows are too long for a prompt; the guards say so.
      let candidates = inLayouts(resolved.demos);
      for (let count = resolved.demos; candidates.length === 0 && count > 0; ) {
        count = Math.floor(count / 2);
        candidates = inLayouts(count);
      }
      if (candidates.length === 0) return seed;
      const step = context.choiceScores ? findClosedStep(program) : undefined;
      const { finalists } = await context.race(candidates, {
        examples: random.fork('order').shuffle(validation),
        rungs: [Math.min(resolved.rows, validation.length)],
        rank: step && rankByAnswerProbability(step, { examples: validation, train }),
      });
      const [best] = finalists;
      if (best === undefined) return seed;
      yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: 'best layout' };
      return best.candidate;
    },
  };
}

/** The layouts that the steps have in common. JSON helps to read what a model writes; scores need no reading. */
function layoutsOf({ program, choiceScores }: OptimizationContext): readonly string[] {
  const specs = program.parameters.filter(({ part }) => part === 'format');
  const isScored = choiceScores && findClosedStep(program) !== undefined;
  const skipped = isScored ? ['channel', 'json'] : ['channel'];
  const [first, ...others] = specs.map(({ options = [] }) => options);
  return (first ?? []).filter(
    (layout) => !skipped.includes(layout) && others.every((options) => options.includes(layout)),
  );
}

function inLayout({ program }: OptimizationContext, value: string): Candidate {
  return Object.fromEntries(
    program.parameters
      .filter(({ part }) => part === 'format')
      .map(({ name }) => [name, { kind: 'choice', value }]),
  );
}

function mostLayouts({ parameters }: OptimizationContext['program']): number {
  return Math.max(
    0,
    ...parameters.filter(({ part }) => part === 'format').map(({ options = [] }) => options.length),
  );
}
