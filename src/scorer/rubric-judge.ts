import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { Judge } from './judge.ts';
import { eachJudge } from './judge-each.ts';
import { shownValues } from './judged-text.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const rubricJudgeSchema = z.strictObject({
  field: z
    .string()
    .min(1)
    .optional()
    .describe('The output that is judged.')
    .meta({ defaultText: 'all outputs' }),
  reference: z
    .string()
    .min(1)
    .optional()
    .describe('The expected field that is shown beside the answer; rows without it stay unscored.')
    .meta({ defaultText: 'none is shown' }),
  required: z
    .array(z.string())
    .default([])
    .describe('Criteria that make the score 0 where they are not met.'),
});

export interface RubricJudgeOptions {
  /** The output that is judged. @default all outputs */
  readonly field?: string | undefined;
  /** The expected field that is shown beside the answer; rows without it stay unscored. @default none is shown */
  readonly reference?: string | undefined;
  /** Criteria that make the score 0 where they are not met. @default [] */
  readonly required?: readonly string[] | undefined;
}

/** A criterion in words, alone or with its weight. */
export type Criterion = string | { readonly text: string; readonly weight: number };

/**
 * A judge says of each criterion by itself, evidence first, whether an answer meets it; the score is the share of the
 * weights that are met, computed here and never by the judge. A criterion that does not apply is left out; where none
 * applies the row stays unscored. Each criterion is kept as an objective.
 *
 * @param criteria By name: what must be so, in words that can be answered with met or not met.
 * @throws {HoneError} `HONE_OPTION_INVALID` without criteria, for a weight that is not above 0 and a required criterion
 *   that is none.
 */
export function rubricJudge(
  name: string,
  criteria: Readonly<Record<string, Criterion>>,
  given: RubricJudgeOptions = {},
): Judge {
  const { field, reference, required } = resolveOptions(rubricJudgeSchema, given, {
    of: `rubricJudge("${name}")`,
  });
  const entries = Object.entries(criteria).map(([label, criterion]) =>
    typeof criterion === 'string' ? { label, text: criterion, weight: 1 } : { label, ...criterion },
  );
  checkCriteria(name, entries, required);
  const question = eachJudge({
    scorer: name,
    instructions:
      'Say whether the answer meets the criterion, and only this one: `met` where it does so wholly, `not_met` where it does not, does so in part, or where you cannot tell, and `not_applicable` where the criterion cannot apply to this input.',
    shown: {
      input: 'what was asked',
      answer: 'the answer that is judged',
      ...(reference !== undefined && { reference: 'an answer that is known to be right' }),
      criterion: 'what must be so',
    },
    choices: ['met', 'not_met', 'not_applicable'],
  });
  return {
    name,
    version: scorerVersion(name, {
      rubric: 1,
      program: question.identity,
      entries,
      field,
      reference,
      required,
    }),
    passFail: false,
    givesFeedback: true,
    expects: reference === undefined ? [] : [reference],
    program: question.program,
    async score(sample) {
      const shown = shownValues(sample, { field, reference });
      if (shown.status === 'unscored') return shown;
      const texts = shown.values as Readonly<Record<string, string>>;
      const verdicts = await question.ask(
        entries.map(({ text }) => ({ ...texts, criterion: text })),
        sample,
      );
      const judged = entries.flatMap((entry, index) => {
        const { choice, evidence } = verdicts[index] ?? { choice: 'not_applicable' };
        return choice === 'not_applicable' ? [] : [{ ...entry, met: choice === 'met', evidence }];
      });
      if (judged.length === 0) return { status: 'unscored', reason: 'No criterion applies to this row.' };
      const total = judged.reduce((sum, { weight }) => sum + weight, 0);
      const met = judged.reduce((sum, { weight, met: isMet }) => sum + (isMet ? weight : 0), 0);
      const failed = judged.filter(({ met: isMet }) => !isMet);
      const broken = failed.find(({ label }) => required.includes(label));
      const says = failed.map(
        ({ label, text, evidence }) => `${label} is not met (${text})${evidence ? `: ${evidence}` : ''}`,
      );
      return {
        status: 'scored',
        value: broken === undefined ? Math.min(1, met / total) : 0,
        objectives: Object.fromEntries(judged.map(({ label, met: isMet }) => [label, isMet ? 1 : 0])),
        ...(says.length > 0 && { feedback: says.join('\n') }),
      };
    },
  };
}

function checkCriteria(
  name: string,
  entries: readonly { readonly label: string; readonly weight: number }[],
  required: readonly string[],
): void {
  const light = entries.find(({ weight }) => !(Number.isFinite(weight) && weight > 0));
  const unknown = required.find((label) => !entries.some((entry) => entry.label === label));
  if (entries.length > 0 && light === undefined && unknown === undefined) return;
  const what =
    entries.length === 0
      ? 'there is no criterion'
      : light !== undefined
        ? `the weight of "${light.label}" is not above 0`
        : `"${unknown}" is required and is no criterion`;
  throw new HoneError(`rubricJudge("${name}"): ${what}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: "Give criteria by name: { polite: 'It is polite.', short: { text: 'It is one sentence.', weight: 2 } }.",
  });
}
