import type { JsonObject } from '../base/json.ts';
import type { CallRecord, Model } from '../model/model.ts';
import type { ParseStep } from '../prompt/adapter.ts';
import type { Candidate, ParameterKind } from '../prompt/candidate.ts';
import type { Field, Signature } from '../signature/signature.ts';

/** One parameter that a search may set. */
export interface ParameterSpec {
  readonly name: string;
  readonly kind: ParameterKind;
  /** Of a choice: the values to choose from. */
  readonly options?: readonly string[] | undefined;
  /** Which predictor reads it. */
  readonly predictor: string;
  /** What it is for, in words that a reflection model can use. */
  readonly description?: string | undefined;
}

/** One step that asks a model. */
export interface PredictorShape {
  readonly name: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  /** The name and the answers of the closed output whose answers are scored, if the step has one. */
  readonly choice?: { readonly field: string; readonly choices: readonly string[] } | undefined;
  /** How the step asks, the same for every candidate: part of what identifies a run. */
  readonly temperature: number;
  /** Longest answer, in tokens. */
  readonly maxOutputTokens: number;
}

/** A program as optimizers, stores and servers see it: JSON. */
export interface ProgramShape {
  readonly name: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  readonly predictors: readonly PredictorShape[];
  readonly parameters: readonly ParameterSpec[];
}

/** What a program may use while it runs. Nothing is ambient. */
export interface Runtime {
  /** The model to ask. Left out: the embedded local model. */
  readonly model?: Model | string | undefined;
  /** The parameters to run with. Left out, or a parameter left out: the program's seed. */
  readonly candidate?: Candidate | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Which independent answer to ask for; see `CallOptions.draw`. @default '0' */
  readonly draw?: string | undefined;
  /** The id of the row that is answered; demos taken from it stay out of the prompt. */
  readonly exampleId?: string | undefined;
}

/** One call of a model inside a program. */
export interface TraceStep {
  readonly predictor: string;
  readonly inputs: JsonObject;
  /** What was read from the answer; absent when nothing could be. */
  readonly outputs?: JsonObject | undefined;
  /** The raw answer; absent where choices were scored. */
  readonly text?: string | undefined;
  /** Log-probability of each choice, one list for each demo set, before averaging and calibration. */
  readonly choiceScores?: readonly (readonly number[])[] | undefined;
  readonly parseStep?: ParseStep | undefined;
  readonly calls: readonly CallRecord[];
}

export type Trace = readonly TraceStep[];

/** What came out, and how. A failure of the candidate is a value; a failure of the infrastructure throws. */
export type Prediction<Outputs = JsonObject> =
  | { readonly status: 'completed'; readonly outputs: Outputs; readonly trace: Trace }
  | {
      readonly status: 'failed';
      readonly reason: string;
      /** The raw answer that could not be used. */
      readonly text: string;
      readonly trace: Trace;
    };

/** Composed steps: an immutable value. A hundred candidates run at once on one program. */
export interface Program<Inputs = JsonObject, Outputs = JsonObject> {
  readonly shape: ProgramShape;
  readonly signature: Signature<Inputs, Outputs>;
  /** The parameters that it was written with: complete, and where a search starts. */
  readonly seed: Candidate;
  /**
   * Answers one row.
   *
   * @throws {HoneError} `HONE_OUTPUT_UNPARSABLE` when the answer cannot be read, `HONE_FIELD_MISSING` when an
   * input is missing, `HONE_MODEL_…` when the model cannot be asked.
   */
  run(inputs: Inputs, runtime?: Runtime): Promise<Outputs>;
  /** Answers one row and says how: what `run` does, with the trace, an unusable answer as a value. */
  forward(inputs: Inputs, runtime?: Runtime): Promise<Prediction<Outputs>>;
}

/** Adds up the calls of a trace. */
export function callsOf(trace: Trace): readonly CallRecord[] {
  return trace.flatMap((step) => step.calls);
}
