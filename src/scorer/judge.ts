import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import { resolveOptions, withMembers } from '../base/resolve-options.ts';
import type { Program } from '../program/program.ts';
import type { Candidate } from '../prompt/candidate.ts';
import {
  askVerdict,
  judgeModel,
  judgePrograms,
  quotedMaterial,
  type Verdict,
  verdictField,
} from './judge-question.ts';
import { shownValues } from './judged-text.ts';
import type { Sample, Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What the options are checked by. */
export const judgeSchema = z.strictObject({
  question: z
    .string()
    .min(1)
    .optional()
    .describe('What to judge by: the question with its criteria. Needed without `program`.')
    .meta({ defaultText: 'that of `program`' }),
  program: withMembers<Program>('a program that ends in a closed choice', { forward: z.any() })
    .optional()
    .describe('A judge of your own, such as that of a prompt file; in code only.')
    .meta({ defaultText: 'made of `question` and `choices`' }),
  candidate: withMembers<Candidate>('a candidate', {})
    .optional()
    .describe('Parameters to ask with, such as the winner of `hone judge align`; in code only.')
    .meta({ defaultText: "the program's own" }),
  choices: z
    .record(z.string(), z.number().min(0).max(1).nullable())
    .default({ pass: 1, fail: 0 })
    .describe('What the judge may answer, each with its score; null is not applicable.'),
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
  evidence: z
    .boolean()
    .optional()
    .describe('Whether the judge gives its evidence before the verdict.')
    .meta({ defaultText: 'unless the model answers by the probabilities of the choices' }),
  graded: z
    .boolean()
    .default(false)
    .describe(
      'Whether the score is the mean over the probabilities of the choices, where the model has them.',
    ),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Score from which on it is 1, and 0 below it; `hone judge calibrate` finds a good one.')
    .meta({ defaultText: 'none' }),
});

export interface JudgeOptions {
  /** What to judge by: the question with its criteria. Needed without `program`. @default that of `program` */
  readonly question?: string | undefined;
  /** A judge of your own, such as that of a prompt file; in code only. @default made of `question` and `choices` */
  readonly program?: Program | undefined;
  /** Parameters to ask with, such as the winner of `hone judge align`; in code only. @default the program's own */
  readonly candidate?: Candidate | undefined;
  /** What the judge may answer, each with its score; null is not applicable. @default {"pass":1,"fail":0} */
  readonly choices?: Readonly<Record<string, number | null>> | undefined;
  /** The output that is judged. @default all outputs */
  readonly field?: string | undefined;
  /** The expected field that is shown beside the answer; rows without it stay unscored. @default none is shown */
  readonly reference?: string | undefined;
  /**
   * Whether the judge gives its evidence before the verdict. @default unless the model answers by the probabilities of the choices
   */
  readonly evidence?: boolean | undefined;
  /**
   * Whether the score is the mean over the probabilities of the choices, where the model has them. @default false
   */
  readonly graded?: boolean | undefined;
  /** Score from which on it is 1, and 0 below it; `hone judge calibrate` finds a good one. @default none */
  readonly threshold?: number | undefined;
}

/** A scorer that asks a model, with the program it asks by. */
export interface Judge extends Scorer {
  /** Gives evidence and verdict; can be shown, measured and optimized like every program. */
  readonly program: Program;
}

/**
 * Has the model of the role `judge` choose one of several verdicts, each with a score. It gives its evidence first;
 * a model that scores choices, such as the embedded one, answers by their probabilities instead, which are kept as the
 * objective `confidence`. What is judged cannot steer it: the judge is told that it is material. A reply without a
 * verdict, or with two, is asked for once more; then the row is lost, not scored: the candidate is not at fault.
 *
 * @param name Unique among the scorers of an evaluation. A changed question, choice, threshold or candidate is another
 *   version, and so is another model: no comparison is made across them.
 * @throws {HoneError} `HONE_OPTION_INVALID` for fewer than two choices, none with a score, or neither question nor
 *   program. When scoring: `HONE_OPTION_INVALID` without a judge model; `HONE_MODEL_…` when it cannot be asked.
 * @see Zheng et al. 2023, "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena". https://arxiv.org/abs/2306.05685
 */
export function judge(name: string, given: JudgeOptions): Judge {
  const options = resolveOptions(judgeSchema, given, { of: `judge("${name}")` });
  const { candidate, choices, field, reference, graded, threshold } = options;
  checkChoices(name, options);
  const own = options.program;
  const { written, scored } =
    own === undefined
      ? judgePrograms({
          instructions: options.question ?? '',
          shown: shownFields(reference !== undefined),
          choices: Object.keys(choices),
        })
      : { written: own, scored: own };
  const values = Object.values(choices);
  const isPassFail =
    threshold !== undefined ||
    (!graded && values.every((value) => value === null || value === 0 || value === 1));
  return {
    name,
    version: scorerVersion(name, {
      judge: 1,
      program: [written.shape.version, written.signature, written.seed],
      candidate,
      choices,
      field,
      reference,
      evidence: options.evidence,
      graded,
      threshold,
    }),
    passFail: isPassFail,
    givesFeedback: true,
    expects: reference === undefined ? [] : [reference],
    program: written,
    async score(sample) {
      const shown = shownValues(sample, { field, reference });
      if (shown.status === 'unscored') return shown;
      const model = judgeModel(name, sample);
      const byProbability = options.evidence !== true && model.capabilities.choiceScores;
      const program = byProbability ? scored : written;
      const inputs =
        own === undefined ? quotedMaterial(shown.values) : inputsOf(own, { sample, shown: shown.values });
      const verdict = await askVerdict(name, { program, candidate }, { inputs, sample });
      return scoreOf(verdict, { name, choices, graded, threshold, isPassFail });
    },
  };
}

function shownFields(hasReference: boolean): Readonly<Record<string, string>> {
  return {
    input: 'what was asked',
    answer: 'the answer that is judged',
    ...(hasReference && { reference: 'an answer that is known to be right' }),
  };
}

interface Scoring {
  readonly name: string;
  readonly choices: Readonly<Record<string, number | null>>;
  readonly graded: boolean;
  readonly threshold: number | undefined;
  readonly isPassFail: boolean;
}

function scoreOf(verdict: Verdict, { name, choices, graded, threshold, isPassFail }: Scoring): Score {
  const { choice, probabilities, evidence } = verdict;
  const chosen = choices[choice];
  const said = `${name} says ${choice}${evidence === undefined ? '' : `: ${evidence}`}`;
  if (chosen === undefined || chosen === null) return { status: 'unscored', reason: said };
  const mean = graded || threshold !== undefined ? expectedScore(choices, probabilities) : undefined;
  const level = mean ?? chosen;
  const value = threshold === undefined ? level : level >= threshold ? 1 : 0;
  const confidence = probabilities?.[choice];
  const objectives = {
    ...(isPassFail && threshold !== undefined && { level }),
    ...(confidence !== undefined && { confidence }),
  };
  return {
    status: 'scored',
    value,
    ...(value < 1 && { feedback: said }),
    ...(Object.keys(objectives).length > 0 && { objectives }),
  };
}

/** Mean score over the probabilities of the choices that have one; undefined without probabilities. */
function expectedScore(
  choices: Readonly<Record<string, number | null>>,
  probabilities: Readonly<Record<string, number>> | undefined,
): number | undefined {
  if (probabilities === undefined) return undefined;
  let sum = 0;
  let total = 0;
  for (const [choice, probability] of Object.entries(probabilities)) {
    const score = choices[choice];
    if (score === null || score === undefined) continue;
    sum += probability * score;
    total += probability;
  }
  return total === 0 ? undefined : Math.min(1, sum / total);
}

/** What a judge of one's own asks for: by the names of the row's fields, else what every judge is shown. */
function inputsOf(
  program: Program,
  { sample, shown }: { readonly sample: Sample; readonly shown: JsonObject },
): JsonObject {
  const { example, outputs } = sample;
  const found = (name: string) =>
    ownOf(outputs, name) ??
    ownOf(example.inputs, name) ??
    ownOf(example.expected ?? {}, name) ??
    ownOf(shown, name);
  return Object.fromEntries(
    program.shape.inputs.flatMap((input) => {
      const value = found(input.name);
      return value === undefined ? [] : [[input.name, value] as const];
    }),
  );
}

function checkChoices(name: string, { choices, question, program }: JudgeOptions): void {
  const labels = Object.keys(choices ?? {});
  const refuse = (message: string, hint: string) => {
    throw new HoneError(`judge("${name}"): ${message}`, { code: 'HONE_OPTION_INVALID', hint });
  };
  if ((question === undefined) === (program === undefined)) {
    refuse(
      'give either `question` or `program`.',
      "Say what to judge by: { question: 'Is the answer polite?' }.",
    );
  }
  if (labels.length < 2)
    refuse('there are fewer than two choices.', 'Give at least two, such as { yes: 1, no: 0 }.');
  if (Object.values(choices ?? {}).every((score) => score === null)) {
    refuse('no choice has a score.', 'Give at least one choice a score from 0 to 1.');
  }
  if (program === undefined) return;
  const allowed = verdictField(program).choices;
  const unknown = allowed.find((choice) => !Object.hasOwn(choices ?? {}, choice));
  if (unknown !== undefined) {
    refuse(
      `its program may answer "${unknown}", which has no score.`,
      'Give every answer a score in `choices`, or null.',
    );
  }
}
