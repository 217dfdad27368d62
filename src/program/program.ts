import type { JsonObject } from '../base/json.ts';
import type { Model } from '../model/model.ts';
import type { Candidate, ParameterKind, ParameterPart } from '../prompt/candidate.ts';
import type { Field, Signature } from '../signature/signature.ts';
import type { AnswerFault } from './read-response.ts';
import type { ProgramStream, StreamOptions } from './stream-program.ts';
import type { Trace } from './trace.ts';

/** One parameter that a search may set. */
export interface ParameterSpec {
  /** `parameterName(step, part)`. */
  readonly name: string;
  readonly kind: ParameterKind;
  /** Which step reads it. */
  readonly step: string;
  /** What of the step it is. */
  readonly part: ParameterPart;
  /** Of a choice: the values to choose from. */
  readonly options?: readonly string[] | undefined;
  /** Of a number: its least and its greatest value. */
  readonly bounds?: readonly [number, number] | undefined;
  /** What it is for, in words that a reflection model can use. */
  readonly description?: string | undefined;
}

/** One step that asks a model. */
export interface StepShape {
  readonly name: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  /** The name and the answers of the closed output whose answers are scored, if the step has one. */
  readonly choice?: { readonly field: string; readonly choices: readonly string[] } | undefined;
  /** How the step asks where no parameter says otherwise: part of what identifies a run. */
  readonly temperature: number;
  /** Longest answer, in tokens. */
  readonly maxOutputTokens: number;
}

/** A program as optimizers, stores and servers see it: JSON. */
export interface ProgramShape {
  readonly name: string;
  /** Says how it behaves: edited code has another one, and is another program to every run and store. */
  readonly version: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  /** Their names are unique. */
  readonly steps: readonly StepShape[];
  readonly parameters: readonly ParameterSpec[];
}

/** Model calls of one row. */
export interface CallCount {
  /** When every answer can be read. */
  readonly typical: number;
  /** When every answer that is text has to be asked for twice. */
  readonly most: number;
}

/**
 * Who may be asked: `task` answers the steps, `teacher` the demos of a search, `reflection` its reflections,
 * `judge` the scorers; programs may name roles of their own.
 */
export type ModelRole = 'task' | 'teacher' | 'reflection' | 'judge' | (string & {});

/** What a program may use while it runs. Nothing is ambient, but for apps whose models are wrapped: see `app-row.ts`. */
export interface Runtime {
  /** Models by role. A step asks `task` unless its `model` parameter names another. */
  readonly models?: Readonly<Record<string, Model | string>> | undefined;
  /** The same as `models.task`. Left out: the embedded local model. */
  readonly model?: Model | string | undefined;
  /** The parameters to run with. Left out, or a parameter left out: the program's seed. */
  readonly candidate?: Candidate | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Which independent answer to ask for; see `CallOptions.draw`. @default '0' */
  readonly draw?: string | undefined;
  /** Instead of 0 where a step would be asked at 0, so that its draws differ. @default 0 stays 0 */
  readonly samplingTemperature?: number | undefined;
  /** The id of the row that is answered; demos taken from it stay out of the prompt. */
  readonly exampleId?: string | undefined;
  /** Whether an answer that cannot be read is asked for once more. @default true */
  readonly reask?: boolean | undefined;
  /**
   * Wraps every model that a step of this run asks, whoever brings it along: what counts, limits or watches the
   * calls of one row. @default as they are
   */
  readonly around?: ((model: Model, asked: AskedAs) => Model) | undefined;
}

/** For which step a model is asked, and in which role. */
export interface AskedAs {
  readonly step: string;
  readonly role: ModelRole;
}

/** What came out, and how. A failure of the candidate is a value; a failure of the infrastructure throws. */
export type Prediction<Outputs = JsonObject> =
  | { readonly status: 'completed'; readonly outputs: Outputs; readonly trace: Trace }
  | {
      readonly status: 'failed';
      readonly reason: string;
      /** What is wrong with the answer; absent where it was the program's own code that failed. */
      readonly fault?: AnswerFault | undefined;
      /** The raw answer that could not be used; empty where it was the program's own code that failed. */
      readonly text: string;
      /** The step that failed; absent where it was the program's own code. */
      readonly step?: string | undefined;
      readonly trace: Trace;
      /** What the program's own code threw. */
      readonly cause?: unknown;
    };

/** Composed steps: an immutable value, made by `createProgram`. A hundred candidates run at once on one. */
export interface Program<Inputs = JsonObject, Outputs = JsonObject> {
  readonly shape: ProgramShape;
  readonly signature: Signature<Inputs, Outputs>;
  /** The parameters that it was written with: complete, and where a search starts. */
  readonly seed: Candidate;
  /** Models that it brings along, by role: they answer where whoever runs it names none. @default none */
  readonly models?: Readonly<Record<string, Model>> | undefined;
  /** The model calls of one row with a candidate; what the candidate leaves out, the seed gives. */
  calls(candidate: Candidate): CallCount;
  /**
   * Answers one row.
   *
   * @throws {HoneError} `HONE_OUTPUT_UNPARSABLE` when the answer cannot be read, `HONE_FIELD_MISSING` when an
   * input is missing, `HONE_MODEL_…` when the model cannot be asked. What the program's own code throws.
   */
  run(inputs: Inputs, runtime?: Runtime): Promise<Outputs>;
  /** Answers one row and says how: what `run` does, with the trace, an unusable answer as a value. */
  forward(inputs: Inputs, runtime?: Runtime): Promise<Prediction<Outputs>>;
  /**
   * Answers one row and says one output while a model writes it.
   *
   * @example for await (const event of program.stream(inputs, { model, field: 'answer' })) …
   * @throws {HoneError} `HONE_OPTION_INVALID` for a field that is no output, or that no step writes.
   */
  stream(inputs: Inputs, options: StreamOptions<Outputs>): ProgramStream<Outputs>;
}

/** A program of any inputs and outputs. */
// biome-ignore lint/suspicious/noExplicitAny: nothing narrower takes every program, and none is asked through it.
export type AnyProgram = Program<any, any>;
