import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { kindOf } from '../signature/json-schema.ts';
import { codeFailure, type FailedPrediction } from './code-failure.ts';
import { textOf, withDraw } from './composition.ts';
import { inputsOf } from './joint-signature.ts';
import type { AnyProgram, Prediction, Runtime } from './program.ts';
import { runAttempt } from './run-attempts.ts';
import type { Trace } from './trace.ts';
import type { TraceRecorder } from './trace-recorder.ts';

/** How good an answer is, by the program itself: more is better. */
export interface Judgement {
  readonly score: number;
  /** What is wrong with it, in words. */
  readonly feedback?: string | undefined;
}

/** An answer that is judged. */
export interface JudgedAnswer<Inputs, Outputs> {
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly trace: Trace;
}

/**
 * What tells a good answer from a bad one without knowing the right one: a function, or a program that takes
 * inputs and outputs of the judged one by name and gives a number (its first number output), perhaps with
 * `feedback`. Its steps are then part of the whole program, and can be optimized with it.
 */
export type Reward<Inputs = JsonObject, Outputs = JsonObject> =
  | ((answer: JudgedAnswer<Inputs, Outputs>) => number | Judgement | Promise<number | Judgement>)
  | AnyProgram;

/** A reward, ready to be used. */
export interface Judging {
  /** The program that judges, if one does. */
  readonly parts: readonly AnyProgram[];
  /** Its text for the version of what uses it. */
  readonly text: string | null;
  /** Judges an answer; what cannot be judged has no score and says why. */
  judge(
    prediction: Prediction,
    given: {
      readonly inputs: JsonObject;
      readonly runtime: Runtime & Required<Pick<Runtime, 'candidate'>>;
      readonly recorder: TraceRecorder;
      /** Which of the judgements of the row this is. */
      readonly label: string;
    },
  ): Promise<Verdict>;
}

/** How an attempt did: `score` is undefined where there is nothing to compare it by. */
export interface Verdict {
  readonly score: number | undefined;
  readonly feedback: string | undefined;
  /** Where judging itself failed by the user's own code. */
  readonly failure?: FailedPrediction | undefined;
}

/** @throws {HoneError} `HONE_OPTION_INVALID` for a judging program that gives no number. */
export function judgingBy<Inputs, Outputs>(reward: Reward<Inputs, Outputs>, of: string): Judging {
  if (typeof reward === 'function') return judgingByFunction(reward as unknown as JudgingFunction);
  const field = numberOf(reward, of);
  return {
    parts: [reward],
    text: null,
    judge: async (prediction, { inputs, runtime, recorder, label }) => {
      if (prediction.status === 'failed') return { score: undefined, feedback: prediction.reason };
      const values = inputsOf(reward, { ...inputs, ...prediction.outputs });
      const judged = await runAttempt(
        { program: reward, inputs: values, runtime: withDraw(runtime, label) },
        recorder,
      );
      if (judged.status === 'failed') return { score: undefined, feedback: undefined };
      const score = judged.outputs[field];
      const { feedback } = judged.outputs;
      return {
        score: typeof score === 'number' ? score : undefined,
        feedback: typeof feedback === 'string' ? feedback : undefined,
      };
    },
  };
}

type JudgingFunction = (answer: JudgedAnswer<JsonObject, JsonObject>) => number | Judgement;

function judgingByFunction(reward: JudgingFunction): Judging {
  return {
    parts: [],
    text: textOf(reward),
    judge: async (prediction, { inputs, runtime, recorder }) => {
      if (prediction.status === 'failed') return { score: undefined, feedback: prediction.reason };
      try {
        const { outputs, trace } = prediction;
        const given: unknown = await reward({ inputs, outputs, trace });
        return verdictOf(given);
      } catch (cause) {
        const failure = codeFailure(cause, { runtime, trace: recorder.trace() });
        return { score: undefined, feedback: messageOf(cause), failure };
      }
    },
  };
}

/** @throws {TypeError} for what is no finite number: a bound that compares with NaN would be silently wrong. */
function verdictOf(given: unknown): Verdict {
  const { score, feedback } = (
    typeof given === 'object' && given !== null ? given : { score: given }
  ) as Readonly<Record<string, unknown>>;
  const number = typeof score === 'boolean' ? Number(score) : score;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new TypeError(`The reward is ${String(score)}, which is no number.`);
  }
  return { score: number, feedback: typeof feedback === 'string' ? feedback : undefined };
}

function numberOf({ shape }: AnyProgram, of: string): string {
  const field = shape.outputs.find(({ schema }) => ['number', 'integer'].includes(kindOf(schema)));
  if (field !== undefined) return field.name;
  throw new HoneError(`The reward of "${of}" is the program "${shape.name}", which gives no number.`, {
    code: 'HONE_OPTION_INVALID',
    hint: "Give it a number among its outputs: signature('question, answer -> score: number, feedback').",
  });
}
