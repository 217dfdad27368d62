import type { JsonObject } from '../base/json.ts';
import type { Signature } from '../signature/signature.ts';
import type { RenderedPrompt } from './adapter.ts';
import { adapterOf } from './adapters.ts';
import { type Candidate, type DemoSet, type ParameterPart, parameterName, parameterOf } from './candidate.ts';
import { withNearest } from './nearest-demos.ts';
import type { PromptFormat } from './prompt-format.ts';

/** What a candidate decides of the prompts of one step. */
export interface StepPrompts {
  readonly instructions: string;
  readonly userTemplate: string | undefined;
  /** The layout of sets that name none. */
  readonly format: PromptFormat;
  /** At least one; one without demos is a prompt without demos. */
  readonly sets: readonly DemoSet[];
  /** Added to the log-probability of each answer, in nats. */
  readonly calibration: Readonly<Record<string, number>>;
}

/** Reads the parameters of one step: the same for running, showing and exporting. */
export function stepPromptsOf(candidate: Candidate, step: string): StepPrompts {
  const named = (part: ParameterPart) => parameterName(step, part);
  const sets = parameterOf(candidate, named('demos'), 'demos')?.sets ?? [];
  return {
    instructions: parameterOf(candidate, named('instructions'), 'text')?.text ?? '',
    userTemplate: parameterOf(candidate, named('user'), 'text')?.text,
    format: (parameterOf(candidate, named('format'), 'choice')?.value ?? 'chat') as PromptFormat,
    sets: sets.length === 0 ? [{ demos: [] }] : sets,
    calibration: parameterOf(candidate, named('calibration'), 'calibration')?.offsets ?? {},
  };
}

/** One demo set's final prompt. */
export interface FinalPrompt {
  readonly prompt: RenderedPrompt;
  readonly set: DemoSet;
  readonly format: PromptFormat;
}

/** The final prompts of one row, one a demo set: the messages as they are sent. */
export function renderFinalPrompts(
  { instructions, userTemplate, format: shared, sets }: StepPrompts,
  { signature, inputs }: { readonly signature: Signature; readonly inputs: JsonObject },
): readonly FinalPrompt[] {
  return sets.map((set) => {
    const format = set.format ?? shared;
    const { demos } = withNearest(set, inputs);
    return {
      set,
      format,
      prompt: adapterOf(format).render({ signature, instructions, userTemplate, demos, inputs }),
    };
  });
}
