import type { Json, JsonObject } from '../base/json.ts';
import type { CallRecord, Message } from '../model/model.ts';
import type { ParseStep } from '../prompt/adapter.ts';

/** Something that happened while a row was answered. */
export interface TraceStepBase {
  /** Unique in its trace: `answer`, and `answer#2` for the second time. */
  readonly id: string;
  /** The id of the step that caused it, where that is known. */
  readonly from?: string | undefined;
}

/** A step that asked a model. */
export interface PredictTraceStep extends TraceStepBase {
  readonly kind: 'predict';
  /** The step's name: `StepShape.name`. */
  readonly step: string;
  readonly inputs: JsonObject;
  /** What was read from the answer; absent when nothing could be. */
  readonly outputs?: JsonObject | undefined;
  /** The messages that were sent, of the first demo set and the first question. */
  readonly messages?: readonly Message[] | undefined;
  /** The raw answer; absent where choices were scored. */
  readonly text?: string | undefined;
  /** Log-probability of each choice, one list for each demo set, before averaging and calibration. */
  readonly choiceScores?: readonly (readonly number[])[] | undefined;
  /** Probability of each choice, of all demo sets together, calibrated: what decided. */
  readonly probabilities?: readonly number[] | undefined;
  /** Log-probability of each word of a verbalizer, one list for each demo set that has one. */
  readonly wordScores?: readonly (readonly number[])[] | undefined;
  readonly parseStep?: ParseStep | undefined;
  readonly calls: readonly CallRecord[];
}

/** A tool that was called. */
export interface ToolTraceStep extends TraceStepBase {
  readonly kind: 'tool';
  readonly name: string;
  readonly arguments: JsonObject;
  readonly result?: Json | undefined;
  readonly error?: string | undefined;
}

/** Something that was looked up. */
export interface RetrieveTraceStep extends TraceStepBase {
  readonly kind: 'retrieve';
  readonly query: string;
  readonly passages: readonly Passage[];
}

/** A found text: plain, or with its origin and whatever else is known of it. */
export type Passage = string | ({ readonly text: string } & JsonObject);

export type TraceStep = PredictTraceStep | ToolTraceStep | RetrieveTraceStep;

/** How a row was answered, in the order of starting. */
export type Trace = readonly TraceStep[];

/** Adds up the calls of a trace that its own steps made; see `Meter` for all that a row took. */
export function callsOf(trace: Trace): readonly CallRecord[] {
  return trace.flatMap((step) => (step.kind === 'predict' ? step.calls : []));
}

/** The times that a step of this name asked a model. */
export function predictStepsOf(trace: Trace, step: string): readonly PredictTraceStep[] {
  return trace.filter(
    (candidate): candidate is PredictTraceStep => candidate.kind === 'predict' && candidate.step === step,
  );
}
