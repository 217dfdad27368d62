import { z } from 'zod';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { shown as share, textOf } from './graded-field.ts';
import type { Judge } from './judge.ts';
import { eachJudge } from './judge-each.ts';
import { passagesOf, sentencesOf } from './judged-text.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const faithfulnessSchema = z.strictObject({
  field: z.string().min(1).describe('The output that is judged.'),
  context: z
    .string()
    .min(1)
    .optional()
    .describe('The input, or output, with the passages that the answer must rest on.')
    .meta({ defaultText: 'what the program looked up' }),
  name: z.string().min(1).default('faithfulness').describe('What it is called.'),
});

export interface FaithfulnessOptions {
  /** The output that is judged. */
  readonly field: string;
  /** The input, or output, with the passages that the answer must rest on. @default what the program looked up */
  readonly context?: string | undefined;
  /** What it is called. @default 'faithfulness' */
  readonly name?: string | undefined;
}

/**
 * The share of an answer's sentences that the passages say: a judge is asked of each sentence by itself. An answer
 * without a sentence, and a row without passages, stay unscored. Needs no expected answer.
 *
 * @see Es et al. 2023, "RAGAS", §3 (faithfulness, here by sentence). https://arxiv.org/abs/2309.15217
 */
export function faithfulness(given: FaithfulnessOptions): Judge {
  const { field, context, name } = resolveOptions(faithfulnessSchema, given, { of: 'faithfulness' });
  const question = eachJudge({
    scorer: name,
    instructions:
      'Say whether the passages support the statement: `supported` only where they say it, or it follows from them without further knowledge; `unsupported` where they say otherwise, say less, or say nothing of it, even if it is true.',
    shown: {
      passages: 'what is known',
      answer: 'the whole answer that the statement is from, to see what its words refer to',
      statement: 'the statement that is judged',
    },
    choices: ['supported', 'unsupported'],
  });
  return {
    name,
    version: scorerVersion(name, { faithfulness: 1, program: question.identity, field, context }),
    passFail: false,
    givesFeedback: true,
    program: question.program,
    async score(sample) {
      const passages = passagesOf(sample, context);
      if (passages === undefined)
        return { status: 'unscored', reason: 'The row has no passages to rest on.' };
      const answer = textOf(ownOf(sample.outputs, field));
      const statements = sentencesOf(answer);
      if (statements.length === 0) return { status: 'unscored', reason: 'The answer states nothing.' };
      const joined = passages.join('\n\n');
      const verdicts = await question.ask(
        statements.map((statement) => ({ passages: joined, answer, statement })),
        sample,
      );
      const wrong = statements.filter((_, index) => verdicts[index]?.choice !== 'supported');
      const value = 1 - wrong.length / statements.length;
      if (wrong.length === 0) return { status: 'scored', value: 1 };
      return {
        status: 'scored',
        value,
        feedback: `${wrong.length} of ${statements.length} sentences are not in the passages (${share(value)} are): ${wrong
          .slice(0, 5)
          .map((text) => JSON.stringify(text))
          .join(' ')}`,
      };
    },
  };
}
