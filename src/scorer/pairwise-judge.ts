import { z } from 'zod';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { missingExpectation } from './field-scorer.ts';
import { textOf } from './graded-field.ts';
import type { Judge } from './judge.ts';
import { askVerdict, judgeModel, judgePrograms, quotedMaterial } from './judge-question.ts';
import { shownValues } from './judged-text.ts';
import type { Score } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const pairwiseJudgeSchema = z.strictObject({
  field: z.string().min(1).describe('The output that is judged.'),
  against: z
    .string()
    .min(1)
    .optional()
    .describe('The expected field with the other answer; rows without it stay unscored.')
    .meta({ defaultText: 'the one that is called like the output' }),
  criterion: z
    .string()
    .min(1)
    .default('It answers what was asked, correctly and completely.')
    .describe('By what one answer is better.'),
  name: z.string().min(1).default('pairwise').describe('What it is called.'),
});

export interface PairwiseJudgeOptions {
  /** The output that is judged. */
  readonly field: string;
  /** The expected field with the other answer; rows without it stay unscored. @default the one that is called like the output */
  readonly against?: string | undefined;
  /** By what one answer is better. @default 'It answers what was asked, correctly and completely.' */
  readonly criterion?: string | undefined;
  /** What it is called. @default 'pairwise' */
  readonly name?: string | undefined;
}

/**
 * A judge says which of two answers is better, the row's or another one, in both orders: 1 where both orders prefer the
 * row's, 0 where both prefer the other, 0.5 for a tie. Orders that disagree are a tie. Kept as objectives:
 * `consistent`, whose mean is 1 − the flip rate, and `first`, how often the answer that stood first won (0.5 without a
 * preference for a place). Equal answers are a tie that nobody is asked about.
 *
 * @see Wang et al. 2023, "Large Language Models are not Fair Evaluators". https://arxiv.org/abs/2305.17926
 */
export function pairwiseJudge(given: PairwiseJudgeOptions): Judge {
  const {
    field,
    criterion,
    name,
    against: named,
  } = resolveOptions(pairwiseJudgeSchema, given, { of: 'pairwiseJudge' });
  const against = named ?? field;
  const { written, scored } = judgePrograms({
    instructions: `Two assistants answered the same input. Say whose answer is better by this criterion: ${criterion} Say \`neither\` where there is nothing between them. Which answer stands first, and which is longer, says nothing.`,
    shown: { input: 'what was asked', answer_a: 'the answer of one', answer_b: 'the answer of the other' },
    choices: ['a', 'b', 'neither'],
  });
  return {
    name,
    version: scorerVersion(name, {
      pairwise: 1,
      program: [written.shape.version, written.signature, written.seed],
      field,
      against,
    }),
    passFail: false,
    givesFeedback: true,
    expects: [against],
    program: written,
    async score(sample): Promise<Score> {
      const other = ownOf(sample.example.expected ?? {}, against);
      if (other === undefined) return missingExpectation(against);
      const shown = shownValues(sample, { field });
      if (shown.status === 'unscored') return shown;
      const own = textOf(shown.values.answer);
      const rival = textOf(other);
      if (own === rival) return { status: 'scored', value: 0.5, feedback: 'Both answers are the same.' };
      const program = judgeModel(name, sample).capabilities.choiceScores ? scored : written;
      const ask = (draw: string, answer_a: string, answer_b: string) =>
        askVerdict(
          name,
          { program },
          { inputs: quotedMaterial({ input: shown.values.input, answer_a, answer_b }), sample, draw },
        );
      const straight = await ask('straight', own, rival);
      const swapped = await ask('swapped', rival, own);
      const one = { a: 'own', b: 'rival', neither: 'tie' }[straight.choice];
      const two = { a: 'rival', b: 'own', neither: 'tie' }[swapped.choice];
      const isConsistent = one === two;
      const firsts = [straight.choice, swapped.choice].map((choice) => ({ a: 1, b: 0 })[choice] ?? 0.5);
      const value = !isConsistent || one === 'tie' ? 0.5 : one === 'own' ? 1 : 0;
      const why = [straight.evidence, swapped.evidence].filter((text) => text !== undefined).join(' / ');
      const said = isConsistent
        ? one === 'tie'
          ? 'Neither answer is better.'
          : 'The other answer is better in both orders.'
        : 'The orders disagree, so it is a tie.';
      return {
        status: 'scored',
        value,
        objectives: {
          consistent: isConsistent ? 1 : 0,
          first: firsts.reduce((sum, each) => sum + each, 0) / 2,
        },
        ...(value < 1 && { feedback: why === '' ? said : `${said} ${why}` }),
      };
    },
  };
}
