import { z } from 'zod';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { missingExpectation } from './field-scorer.ts';
import { shown as share, textOf } from './graded-field.ts';
import type { Judge } from './judge.ts';
import { eachJudge } from './judge-each.ts';
import { passagesOf, questionOf, sentencesOf } from './judged-text.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const contextRecallSchema = z.strictObject({
  field: z.string().min(1).describe('The expected field with the right answer.'),
  context: z
    .string()
    .min(1)
    .optional()
    .describe('The input, or output, with the passages.')
    .meta({ defaultText: 'what the program looked up' }),
  name: z.string().min(1).default('context-recall').describe('What it is called.'),
});

export interface ContextRecallOptions {
  /** The expected field with the right answer. */
  readonly field: string;
  /** The input, or output, with the passages. @default what the program looked up */
  readonly context?: string | undefined;
  /** What it is called. @default 'context-recall' */
  readonly name?: string | undefined;
}

/**
 * The share of the right answer's sentences that the passages hold: whether enough was looked up. A judge is asked of
 * each sentence by itself. Nothing looked up is 0; a row without the right answer stays unscored.
 *
 * @see Es et al. 2023, "RAGAS". https://arxiv.org/abs/2309.15217
 */
export function contextRecall(given: ContextRecallOptions): Judge {
  const { field, context, name } = resolveOptions(contextRecallSchema, given, { of: 'contextRecall' });
  const question = eachJudge({
    scorer: name,
    instructions:
      'Say whether the statement, which is right, can be found in the passages: `found` only where they say it or it follows from them without further knowledge; else `missing`.',
    shown: {
      input: 'what was asked',
      passages: 'what was looked up',
      statement: 'the statement of the right answer that is looked for',
    },
    choices: ['found', 'missing'],
  });
  return {
    name,
    version: scorerVersion(name, { contextRecall: 1, program: question.identity, field, context }),
    passFail: false,
    givesFeedback: true,
    expects: [field],
    program: question.program,
    async score(sample) {
      const right = ownOf(sample.example.expected ?? {}, field);
      if (right === undefined) return missingExpectation(field);
      const statements = sentencesOf(textOf(right));
      if (statements.length === 0)
        return { status: 'unscored', reason: `The expected "${field}" states nothing.` };
      const passages = passagesOf(sample, context);
      if (passages === undefined) {
        return { status: 'scored', value: 0, feedback: 'Nothing was looked up.' };
      }
      const joined = passages.join('\n\n');
      const input = questionOf(sample.example, context);
      const verdicts = await question.ask(
        statements.map((statement) => ({ input, passages: joined, statement })),
        sample,
      );
      const missing = statements.filter((_, index) => verdicts[index]?.choice !== 'found');
      const value = 1 - missing.length / statements.length;
      if (missing.length === 0) return { status: 'scored', value: 1 };
      return {
        status: 'scored',
        value,
        feedback: `${missing.length} of ${statements.length} statements of the right answer are in no passage (${share(value)} are): ${missing
          .slice(0, 5)
          .map((text) => JSON.stringify(text))
          .join(' ')}`,
      };
    },
  };
}
