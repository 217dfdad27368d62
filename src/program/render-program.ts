import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { sharedBeginningOf } from '../model/cache-breakpoint.ts';
import type { Message, ModelRequest } from '../model/model.ts';
import { estimateRequestTokens } from '../model/token-count.ts';
import { type Candidate, parameterName } from '../prompt/candidate.ts';
import type { PromptFormat } from '../prompt/prompt-format.ts';
import { renderFinalPrompts, stepPromptsOf } from '../prompt/step-prompts.ts';
import { completeCandidate } from './check-candidate.ts';
import type { AnyProgram, StepShape } from './program.ts';

export interface RenderOptions {
  /** @default the program's seed */
  readonly candidate?: Candidate | undefined;
  /** Of the row, and of earlier steps where they are known. What is missing stands as `‹name›`. */
  readonly inputs: JsonObject;
  /** The one step to render. @default all, in their order */
  readonly step?: string | undefined;
}

/** A part of a prompt and its length. */
export interface RenderedPart {
  readonly part: 'system' | 'demos' | 'row';
  /** As estimated, without a tokenizer. */
  readonly tokens: number;
  /** Whether it is the same for every row: such parts come first, so that providers can keep them. */
  readonly isShared: boolean;
}

/** The prompt of one step and one demo set, as it would be sent. */
export interface RenderedStep {
  readonly step: string;
  /** Which demo set, counted from 0. */
  readonly set: number;
  readonly format: PromptFormat;
  /** What would be sent. */
  readonly request: ModelRequest;
  readonly messages: readonly Message[];
  readonly parts: readonly RenderedPart[];
  /** Of the whole request, as estimated. */
  readonly tokens: number;
  /** The message after which a provider that wants to be told is told to keep the prompt; undefined for none. */
  readonly cacheBreakpoint?: number | undefined;
  /** Inputs that are not known before a step before it has answered. */
  readonly unknown: readonly string[];
}

/**
 * The exact final messages of every step, without a call: what running the program with these inputs sends first. A
 * step that takes what an earlier one gives shows `‹name›` there, unless the inputs say it.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` for a candidate of another program, `HONE_OPTION_INVALID` for a step
 *   that the program does not have, or that code lays out, as an agent's.
 */
export function render(
  program: AnyProgram,
  { candidate, inputs, step }: RenderOptions,
): readonly RenderedStep[] {
  const { shape, seed } = program;
  const whole = completeCandidate(candidate ?? seed, { program: shape, seed });
  const steps = step === undefined ? shape.steps : shape.steps.filter(({ name }) => name === step);
  if (steps.length === 0) {
    throw new HoneError(`The program "${shape.name}" has no step "${step}".`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Its steps are ${shape.steps.map(({ name }) => name).join(', ')}.`,
    });
  }
  return steps.flatMap((each) => renderStep(each, whole, inputs));
}

function renderStep(step: StepShape, candidate: Candidate, given: JsonObject): readonly RenderedStep[] {
  // An agent, or a prompt of an app, has no layout: it is laid out by code, with what is not known before it runs.
  if (candidate[parameterName(step.name, 'format')] === undefined) throw laidOutByCode(step.name);
  const known = step.inputs.filter(({ name }) => given[name] !== undefined);
  const missing = step.inputs.filter(({ name, optional }) => given[name] === undefined && !optional);
  const unknown = missing.map(({ name }) => name);
  const inputs = Object.fromEntries([
    ...known.map(({ name }) => [name, given[name]] as const),
    ...unknown.map((name) => [name, `‹${name}›`] as const),
  ]);
  const { inputs: taken, outputs } = step;
  const signature = { instructions: '', inputs: taken, outputs };
  const temperature = candidate[`${step.name}.temperature`];
  return renderFinalPrompts(stepPromptsOf(candidate, step.name), { signature, inputs }).map(
    ({ prompt, format }, set): RenderedStep => {
      const request: ModelRequest = {
        ...prompt,
        temperature: temperature?.kind === 'number' ? temperature.value : step.temperature,
        maxOutputTokens: step.maxOutputTokens,
      };
      const shared = sharedBeginningOf(request);
      return {
        step: step.name,
        set,
        format,
        request,
        messages: request.messages,
        parts: partsOf(request),
        tokens: estimateRequestTokens(request),
        ...(shared?.isKept && { cacheBreakpoint: shared.lastMessage }),
        unknown,
      };
    },
  );
}

function laidOutByCode(step: string): HoneError {
  return new HoneError(`What the step "${step}" sends is not known before it runs.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Run it once with forward(), and look at the messages in its trace: inspect() shows them.',
    facts: { step },
  });
}

/** The system message, the demos between it and the row, and the row: the last message. */
function partsOf({ messages, sharedMessages = 0 }: ModelRequest): readonly RenderedPart[] {
  const nothing = estimateRequestTokens({ messages: [] });
  const hasSystem = messages[0]?.role === 'system' && messages.length > 1;
  const firstDemo = hasSystem ? 1 : 0;
  const row = messages.length - 1;
  const part = (name: RenderedPart['part'], from: number, to: number): readonly RenderedPart[] =>
    to <= from
      ? []
      : [
          {
            part: name,
            tokens: estimateRequestTokens({ messages: messages.slice(from, to) }) - nothing,
            isShared: to <= sharedMessages,
          },
        ];
  return [
    ...part('system', 0, firstDemo),
    ...part('demos', firstDemo, row),
    ...part('row', Math.max(row, 0), messages.length),
  ];
}
