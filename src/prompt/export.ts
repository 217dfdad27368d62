import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { contentText } from '../model/content.ts';
import type { Message } from '../model/model.ts';
import { choicesOf, type Field, type Signature } from '../signature/signature.ts';
import type { RenderedPrompt } from './adapter.ts';
import { type Candidate, defaultStep } from './candidate.ts';
import { markedInputs, messagesSource, mostOptional } from './message-source.ts';
import { type FinalPrompt, renderFinalPrompts, stepPromptsOf } from './step-prompts.ts';

/** The prompt of one step, to be taken elsewhere. */
export interface ExportedPrompt {
  readonly signature: Signature;
  readonly candidate: Candidate;
  /** The step whose parameters are exported. @default 'answer' */
  readonly step?: string | undefined;
  /** The model's name, for the provider's body. @default a small model of the provider */
  readonly model?: string | undefined;
  /** Longest answer, in tokens, for providers that must be told. @default 1024 */
  readonly maxOutputTokens?: number | undefined;
}

/** Stands for an input while a prompt is rendered: signs for private use, which no prompt has. */
const sentinel = /\uE000([^\uE001]*)\uE001/g;

/** The final prompts; the row stands in them as sentinels. */
function renderSets({ signature, candidate, step = defaultStep }: ExportedPrompt): readonly FinalPrompt[] {
  const names = Object.keys(candidate);
  if (names.length > 0 && !names.some((name) => name.startsWith(`${step}.`))) {
    throw new HoneError(
      `The candidate has nothing of the step "${step}": its parameters are ${names.join(', ')}.`,
      {
        code: 'HONE_CANDIDATE_INVALID',
        hint: 'Name the step that is exported with `step`.',
      },
    );
  }
  const inputs = Object.fromEntries(signature.inputs.map(({ name }) => [name, `\uE000${name}\uE001`]));
  const prompts = stepPromptsOf(candidate, step);
  if (prompts.sets.some(({ nearest }) => nearest !== undefined)) {
    throw new HoneError(
      'This prompt shows every row other demos, so there is no fixed text of it to export.',
      {
        code: 'HONE_OPTION_INVALID',
        hint: 'Use the file itself: loadPrompt(file) of hone-ai chooses the demos of each row.',
      },
    );
  }
  return renderFinalPrompts(prompts, { signature, inputs });
}

function withSlots(messages: readonly Message[]) {
  return messages.map(({ role, content }) => ({
    role,
    content: contentText(content).replace(sentinel, '{{$1}}'),
  }));
}

/** The final prompt for people: every message as it is sent, in Markdown. */
export function exportMarkdown(exported: ExportedPrompt): string {
  const prompts = renderSets(exported);
  const parts = prompts.flatMap(({ prompt, set }, index) => {
    const title = prompts.length === 1 ? '# Prompt' : `# Prompt ${index + 1} of ${prompts.length}`;
    const facts = [
      `Layout: ${prompt.layout ?? 'chat'}`,
      ...(set.weight === undefined ? [] : [`Weight: ${set.weight}`]),
      ...offsetFacts('Offsets', set.offsets),
    ];
    const messages = withSlots(prompt.messages).map(
      ({ role, content }) => `## ${role}\n\n${fenced(content)}`,
    );
    return [title, facts.join('  \n'), ...messages];
  });
  const calibration = calibrationOf(exported);
  const facts = offsetFacts('Added to the log-probability of each answer', calibration);
  return `${[...parts, ...facts].join('\n\n')}\n`;
}

function calibrationOf({ candidate, step = defaultStep }: ExportedPrompt) {
  const { calibration } = stepPromptsOf(candidate, step);
  return Object.keys(calibration).length === 0 ? undefined : calibration;
}

function offsetFacts(title: string, offsets: Readonly<Record<string, number>> = {}): readonly string[] {
  const entries = Object.entries(offsets).map(([answer, offset]) => `${answer} ${offset}`);
  return entries.length === 0 ? [] : [`${title}: ${entries.join(', ')}`];
}

function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** The final prompt as JSON: the messages of each demo set, and how their answers are pooled. */
export function exportMessages(exported: ExportedPrompt): string {
  const calibration = calibrationOf(exported);
  const prompts = renderSets(exported).map(({ prompt, set }) => ({
    layout: prompt.layout ?? 'chat',
    messages: withSlots(prompt.messages),
    ...(prompt.stopSequences && { stopSequences: prompt.stopSequences }),
    ...(prompt.responseSchema && { responseSchema: prompt.responseSchema }),
    ...(set.weight !== undefined && { weight: set.weight }),
    ...(set.offsets && { offsets: set.offsets }),
  }));
  return toJson({ prompts, ...(calibration && { calibration }) });
}

/**
 * The body of a request to an OpenAI-compatible chat endpoint; a list of bodies for several demo sets. A
 * completion becomes one user message.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function exportOpenAi(exported: ExportedPrompt): string {
  const model = (exported.model ?? 'openai/gpt-5-mini').replace(/^openai\//, '');
  const bodies = renderSets(exported).map(
    ({ prompt }): JsonObject => ({
      model,
      messages: asChat(prompt),
      ...(prompt.stopSequences && { stop: prompt.stopSequences }),
      ...(prompt.responseSchema && {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', strict: true, schema: prompt.responseSchema },
        },
      }),
    }),
  );
  return toJson(bodies.length === 1 ? bodies[0] : bodies);
}

/**
 * The body of a request to the Anthropic Messages API; a list of bodies for several demo sets. A completion
 * becomes one user message.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export function exportAnthropic(exported: ExportedPrompt): string {
  const model = (exported.model ?? 'anthropic/claude-sonnet-4-5').replace(/^anthropic\//, '');
  const bodies = renderSets(exported).map(({ prompt }): JsonObject => {
    const messages = asChat(prompt);
    const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
    // Stop sequences of blanks alone are refused there.
    const stops = prompt.stopSequences?.filter((stop) => stop.trim() !== '') ?? [];
    return {
      model,
      max_tokens: exported.maxOutputTokens ?? 1024,
      ...(system.length > 0 && { system: system.join('\n\n') }),
      messages: messages.filter(({ role }) => role !== 'system'),
      ...(stops.length > 0 && { stop_sequences: stops }),
    };
  });
  return toJson(bodies.length === 1 ? bodies[0] : bodies);
}

/** A completion is one text, whatever its parts. */
function asChat({ messages, layout }: RenderedPrompt) {
  const shown = withSlots(messages);
  if (layout !== 'completion') return shown;
  return [{ role: 'user' as const, content: shown.map(({ content }) => content).join('') }];
}

/** A TypeScript module without dependencies: a function from inputs to the final messages. */
export function exportTypeScript(exported: ExportedPrompt): string {
  const { inputs, outputs } = exported.signature;
  const prompts = renderSets(exported);
  const body = prompts.map((_, index) => `    ${setSource(exported, index)},`).join('\n');
  const calibration = calibrationOf(exported);
  return `/** What the prompt takes. */
export interface PromptInputs {
${inputs.map(inputSource).join('\n')}
}

/** What it gives. */
export interface PromptOutputs {
${outputs.map((field) => `  readonly ${JSON.stringify(field.name)}${field.optional ? '?' : ''}: ${typeSource(field)};`).join('\n')}
}

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** How the answers of several prompts are weighed against each other. */
export const weights: readonly number[] = ${JSON.stringify(prompts.map(({ set }) => set.weight ?? 1))};

/** Added to the log-probability of each answer, in nats. */
export const calibration: Readonly<Record<string, number>> = ${JSON.stringify(calibration ?? {})};

/** The messages of each prompt for one row. */
export function promptMessages(inputs: PromptInputs): readonly (readonly PromptMessage[])[] {
  const text = (value: unknown): string =>
    value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return [
${body}
  ];
}
`;
}

/** The messages of one demo set as an expression of the inputs. */
function setSource({ signature, candidate, step = defaultStep }: ExportedPrompt, index: number): string {
  const optional = signature.inputs.filter((field) => field.optional).map(({ name }) => name);
  if (optional.length > mostOptional) {
    throw new HoneError(`The prompt has ${optional.length} inputs that may be absent.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Write out at most ${mostOptional}, or use loadPrompt(file) of hone-ai.`,
    });
  }
  const prompts = stepPromptsOf(candidate, step);
  return messagesSource(optional, (absent, after) => {
    const inputs = markedInputs(signature.inputs, { absent, after });
    return renderFinalPrompts(prompts, { signature, inputs })[index]?.prompt.messages ?? [];
  });
}

function inputSource(field: Field): string {
  return `  readonly ${JSON.stringify(field.name)}${field.optional ? '?' : ''}: ${typeSource(field)};`;
}

function typeSource(field: Field): string {
  const choices = choicesOf(field);
  if (choices !== undefined) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  const { type } = field.schema;
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'string' || type === 'boolean' ? type : 'unknown';
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
