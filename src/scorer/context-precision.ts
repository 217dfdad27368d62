import { z } from 'zod';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { missingExpectation } from './field-scorer.ts';
import { shown as share, textOf } from './graded-field.ts';
import type { Judge } from './judge.ts';
import { eachJudge } from './judge-each.ts';
import { passagesOf, questionOf } from './judged-text.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const contextPrecisionSchema = z.strictObject({
  field: z.string().min(1).describe('The expected field with the right answer.'),
  context: z
    .string()
    .min(1)
    .optional()
    .describe('The input, or output, with the passages, best first.')
    .meta({ defaultText: 'what the program looked up' }),
  name: z.string().min(1).default('context-precision').describe('What it is called.'),
});

export interface ContextPrecisionOptions {
  /** The expected field with the right answer. */
  readonly field: string;
  /** The input, or output, with the passages, best first. @default what the program looked up */
  readonly context?: string | undefined;
  /** What it is called. @default 'context-precision' */
  readonly name?: string | undefined;
}

/**
 * Whether the passages that serve the right answer stand before those that do not: the mean, over the places of useful
 * passages, of the share of useful ones up to there; 0 when none is useful. A judge is asked of each passage by itself.
 * A row without the right answer, or without passages, stays unscored.
 *
 * @see Es et al. 2023, "RAGAS". https://arxiv.org/abs/2309.15217
 */
export function contextPrecision(given: ContextPrecisionOptions): Judge {
  const { field, context, name } = resolveOptions(contextPrecisionSchema, given, { of: 'contextPrecision' });
  const question = eachJudge({
    scorer: name,
    instructions:
      'Say whether the passage helps to come to the right answer: `useful` only where it says a part of it, or something from which a part of it follows; `useless` where it is only about the same subject.',
    shown: {
      input: 'what was asked',
      right_answer: 'the answer that is known to be right',
      passage: 'the passage that is judged',
    },
    choices: ['useful', 'useless'],
  });
  return {
    name,
    version: scorerVersion(name, { contextPrecision: 1, program: question.identity, field, context }),
    passFail: false,
    givesFeedback: true,
    expects: [field],
    program: question.program,
    async score(sample) {
      const right = ownOf(sample.example.expected ?? {}, field);
      if (right === undefined) return missingExpectation(field);
      const passages = passagesOf(sample, context);
      if (passages === undefined) return { status: 'unscored', reason: 'Nothing was looked up.' };
      const input = questionOf(sample.example, context);
      const verdicts = await question.ask(
        passages.map((passage) => ({ input, right_answer: textOf(right), passage })),
        sample,
      );
      const isUseful = verdicts.map(({ choice }) => choice === 'useful');
      const value = averagePrecision(isUseful);
      if (value === 1) return { status: 'scored', value };
      const places = isUseful.flatMap((useful, index) => (useful ? [] : [index + 1]));
      return {
        status: 'scored',
        value,
        feedback: `Of ${passages.length} passages these did not help: number ${places.join(', ')} (average precision ${share(value)}).`,
      };
    },
  };
}

/** Mean of precision@k over the places k of what is useful; 0 when nothing is. */
export function averagePrecision(isUseful: readonly boolean[]): number {
  let useful = 0;
  let sum = 0;
  for (const [index, each] of isUseful.entries()) {
    if (!each) continue;
    useful += 1;
    sum += useful / (index + 1);
  }
  return useful === 0 ? 0 : sum / useful;
}
