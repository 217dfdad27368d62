import type { CallOptions, Model } from '../model/model.ts';
import type { PromptParts } from '../prompt/adapter.ts';
import type { DemoSet } from '../prompt/candidate.ts';
import type { PromptFormat } from '../prompt/prompt-format.ts';
import type { AnswerFault } from './read-response.ts';
import type { PredictTraceStep } from './trace.ts';

/** How a step asks. */
export interface StepSettings {
  readonly name: string;
  readonly temperature: number;
  readonly maxOutputTokens: number;
}

/** One question to a model, ready to be laid out. */
export interface Question {
  readonly settings: StepSettings;
  readonly parts: Omit<PromptParts, 'demos'>;
  /** The layout of sets that name none. */
  readonly format: PromptFormat;
  /** At least one set; one without demos is a prompt without demos. */
  readonly demoSets: readonly DemoSet[];
  readonly calibration: Readonly<Record<string, number>>;
  readonly model: Model;
  readonly call: CallOptions;
  /** Whether an answer that cannot be read is asked for once more. */
  readonly reask: boolean;
}

/** What a way of answering gives back: the step for the trace, and why it failed if it did. */
export interface Answered {
  readonly step: PredictTraceStep;
  readonly failure?:
    | { readonly reason: string; readonly fault: AnswerFault; readonly text: string }
    | undefined;
}
