import { inspect } from 'node:util';
import { z } from 'zod';
import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { Model } from '../model/model.ts';
import { faultBehind } from '../program/faults.ts';
import type { Trace } from '../program/trace.ts';
import { type AskJudge, askWith } from './ask-judge.ts';
import { missingExpectation } from './field-scorer.ts';
import type { Sample, Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** What a scorer function gets. */
export interface ScorerContext<Inputs = JsonObject, Outputs = JsonObject, Expected = JsonObject> {
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  /** Undefined for a row without a label; never so for the fields in `expects`. */
  readonly expected: Expected;
  readonly metadata: JsonObject;
  readonly trace: Trace;
  readonly exampleId: string;
  /** Asks a model of the evaluation, by its role; for judges. */
  readonly ask: AskJudge;
  /** The models that `ask` asks, by role; empty outside an evaluation. */
  readonly models: Readonly<Record<string, Model>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A judgement: a number from 0 to 1, true for 1 and false for 0, either with feedback for optimizers, or null
 * when the sample is not applicable.
 */
export type Judgement =
  | number
  | boolean
  | null
  | {
      readonly score: number | boolean | null;
      /** Why, in words: what a reflecting optimizer learns from. */
      readonly feedback?: string | undefined;
      /** The same for single steps, by their names; a step that is undefined has none. */
      readonly stepFeedback?: Readonly<Record<string, string | undefined>> | undefined;
      /** Further measures by name, higher is better, each 0 to 1. */
      readonly objectives?: Readonly<Record<string, number>> | undefined;
    };

/** What the options are checked by. */
export const scorerSchema = z.strictObject({
  version: z
    .string()
    .optional()
    .describe('Raise it when something that the function calls changes: its own text counts already.'),
  passFail: z.boolean().default(false).describe('Whether every score is 0 or 1.'),
  givesFeedback: z
    .boolean()
    .default(false)
    .describe('Whether every score below 1 says why; optimizers that learn from feedback ask for it.'),
  expects: z
    .array(z.string())
    .default([])
    .describe('Expected fields that the function reads; rows without one of them stay unscored.'),
  failValue: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('The value of a row whose answer could not be used, 0 to 1.')
    .meta({ defaultText: '0' }),
});

export interface CustomScorerOptions {
  /** Raise it when something that the function calls changes: its own text is already taken into account. */
  readonly version?: string | undefined;
  /** Whether every score is 0 or 1; set it for functions that return booleans. @default false */
  readonly passFail?: boolean | undefined;
  /** Whether every score below 1 says why; optimizers that learn from feedback ask for it. @default false */
  readonly givesFeedback?: boolean | undefined;
  /** Expected fields that the function reads; rows without one of them stay unscored. @default [] */
  readonly expects?: readonly string[] | undefined;
  /** The value of a row whose answer could not be used, 0 to 1. @default 0 */
  readonly failValue?: number | undefined;
}

/**
 * A scorer of your own. What it throws is an error of the scorer, never a 0.
 *
 * @param name Unique among the scorers of an evaluation.
 * @throws {HoneError} When scoring, `HONE_SCORER_FAILED` when the function throws or returns anything but a
 * judgement. Errors of models that it asks (`HONE_MODEL_…`) pass through, so that the row is tried again.
 */
export function scorer<Inputs = JsonObject, Outputs = JsonObject, Expected = JsonObject | undefined>(
  name: string,
  judge: (context: ScorerContext<Inputs, Outputs, Expected>) => Judgement | Promise<Judgement>,
  options: CustomScorerOptions = {},
): Scorer {
  const { version, passFail, givesFeedback, expects, failValue } = resolveOptions(scorerSchema, options, {
    of: `scorer("${name}")`,
  });
  return {
    name,
    version: scorerVersion(name, { judge, version, passFail, expects, failValue }),
    passFail,
    failValue,
    givesFeedback,
    expects,
    async score(sample) {
      const { example } = sample;
      const missing = expects.find((field) => example.expected?.[field] === undefined);
      if (missing !== undefined) return missingExpectation(missing);
      // The types of the fields are the caller's word: rows are JSON, and no function can check a type argument.
      const context = contextOf(name, sample) as unknown as ScorerContext<Inputs, Outputs, Expected>;
      return toScore(await ask(() => judge(context), name, sample), { name, passFail, sample });
    },
  };
}

function contextOf(
  name: string,
  sample: Sample,
): ScorerContext<JsonObject, JsonObject, JsonObject | undefined> {
  const { example, outputs, trace, signal, runtime } = sample;
  const { inputs, expected, metadata = {}, id } = example;
  const ask = askWith(name, sample);
  const models = runtime?.models ?? {};
  return { inputs, outputs, expected, metadata, trace, exampleId: id, ask, models, signal };
}

async function ask(
  judge: () => Judgement | Promise<Judgement>,
  name: string,
  { example, signal }: Sample,
): Promise<unknown> {
  try {
    return await judge();
  } catch (cause) {
    signal?.throwIfAborted();
    const fault = faultBehind(cause);
    if (fault !== undefined) throw fault;
    throw new HoneError(`Scorer "${name}" threw on row ${example.id}: ${messageOf(cause)}`, {
      code: 'HONE_SCORER_FAILED',
      hint: 'Correct the scorer function, or return null for rows that it cannot judge.',
      cause,
      facts: { scorer: name, exampleId: example.id },
    });
  }
}

interface Origin {
  readonly name: string;
  readonly passFail: boolean;
  readonly sample: Sample;
}

/** Reads what the function returned, which its types do not bind at run time. */
function toScore(judgement: unknown, origin: Origin): Score {
  const isObject = typeof judgement === 'object' && judgement !== null && 'score' in judgement;
  const { score, feedback, stepFeedback, objectives } = isObject
    ? (judgement as { score: unknown; feedback?: unknown; stepFeedback?: unknown; objectives?: unknown })
    : { score: judgement };
  const reason = typeof feedback === 'string' ? feedback : undefined;
  if (score === null)
    return { status: 'unscored', reason: reason ?? `"${origin.name}" does not apply to this row.` };
  const value = typeof score === 'boolean' ? Number(score) : score;
  if (!isShare(value)) throw notAScore(judgement, origin);
  if (origin.passFail && value !== 0 && value !== 1) throw notAScore(judgement, origin);
  return {
    status: 'scored',
    value,
    feedback: reason,
    ...(stepFeedback !== undefined && { stepFeedback: readStepFeedback(stepFeedback, origin) }),
    objectives: readObjectives(objectives, origin),
  };
}

function readStepFeedback(feedback: unknown, origin: Origin): Readonly<Record<string, string>> {
  if (typeof feedback !== 'object' || feedback === null) throw notAScore({ stepFeedback: feedback }, origin);
  const entries: readonly [string, unknown][] = Object.entries(feedback);
  return Object.fromEntries(
    entries.flatMap(([step, text]) => {
      if (text === undefined) return [];
      if (typeof text !== 'string') throw notAScore({ stepFeedback: { [step]: text } }, origin);
      return [[step, text]];
    }),
  );
}

function readObjectives(objectives: unknown, origin: Origin): Readonly<Record<string, number>> | undefined {
  if (objectives === undefined) return undefined;
  if (typeof objectives !== 'object' || objectives === null) throw notAScore(objectives, origin);
  const entries: readonly [string, unknown][] = Object.entries(objectives);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!isShare(value)) throw notAScore({ [name]: value }, origin);
      return [name, value];
    }),
  );
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function notAScore(judgement: unknown, { name, passFail, sample }: Origin): HoneError {
  const shown = inspect(judgement, { depth: 2, breakLength: Number.POSITIVE_INFINITY });
  return new HoneError(`Scorer "${name}" gave no score for row ${sample.example.id}, but ${shown}.`, {
    code: 'HONE_SCORER_FAILED',
    hint: passFail
      ? 'Return true or false, or leave `passFail` out.'
      : 'Return a number from 0 to 1, a boolean, { score, feedback }, or null for "not applicable".',
    facts: { scorer: name, exampleId: sample.example.id },
  });
}
