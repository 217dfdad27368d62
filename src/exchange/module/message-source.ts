import { HoneError } from '../../base/errors.ts';
import type { ModelRequest } from '../../model/model.ts';
import type { StepShape } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { markedInputs, messagesSource, mostOptional } from '../../prompt/message-source.ts';
import type { PromptFormat } from '../../prompt/prompt-format.ts';
import { renderFinalPrompts, stepPromptsOf } from '../../prompt/step-prompts.ts';

/** The messages of one step as code. */
export interface StepSource {
  readonly format: PromptFormat;
  /** Without the messages. */
  readonly request: Pick<ModelRequest, 'stopSequences' | 'responseSchema'>;
  readonly temperature: number;
  /** An expression of `inputs` for the list of messages. */
  readonly messages: string;
}

/**
 * The exact messages of a step as an expression of its inputs.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a step whose prompts no code can write out: several that are weighed,
 *   other demos for each row, a layout that needs log-probabilities, or too many inputs that may be absent.
 */
export function stepSourceOf(step: StepShape, candidate: Candidate): StepSource {
  const prompts = stepPromptsOf(candidate, step.name);
  const [set, another] = prompts.sets;
  const format = set?.format ?? prompts.format;
  const optional = step.inputs.filter((field) => field.optional).map(({ name }) => name);
  const problem =
    another !== undefined
      ? `asks ${prompts.sets.length} prompts and weighs their answers`
      : set?.nearest !== undefined
        ? 'shows every row other demos'
        : format !== 'chat' && format !== 'json'
          ? `has the layout "${format}", which chat models are not asked in`
          : optional.length > mostOptional
            ? `has ${optional.length} inputs that may be absent`
            : undefined;
  if (problem !== undefined) {
    throw new HoneError(`The step "${step.name}" ${problem}, which a module cannot write out.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Use loadPrompt(file) or program.run of hone-ai for it.',
    });
  }
  const signature = { instructions: '', inputs: step.inputs, outputs: step.outputs };
  const render = (absent: readonly string[], after: string): ModelRequest => {
    const inputs = markedInputs(step.inputs, { absent, after });
    const [final] = renderFinalPrompts(prompts, { signature, inputs });
    return final?.prompt ?? { messages: [] };
  };
  const { stopSequences, responseSchema } = render([], '');
  const temperature = candidate[`${step.name}.temperature`];
  return {
    format,
    request: { stopSequences, responseSchema },
    temperature: temperature?.kind === 'number' ? temperature.value : step.temperature,
    messages: messagesSource(optional, (absent, after) => render(absent, after).messages),
  };
}
