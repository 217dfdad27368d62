import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { contentText } from '../model/content.ts';
import type { Model } from '../model/model.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import { checkInputs } from '../program/check-inputs.ts';
import { outputsOf } from '../program/outputs-of.ts';
import type { Program, Runtime } from '../program/program.ts';
import { adapterOf } from '../prompt/adapters.ts';
import { type PromptFile, parsePromptFile } from '../prompt/prompt-file.ts';
import { type FinalPrompt, renderFinalPrompts, stepPromptsOf } from '../prompt/step-prompts.ts';
import { slotsOf } from '../prompt/template.ts';
import type { ColumnSpec } from '../signature/shorthand.ts';
import { choicesOf, type Field, type Signature } from '../signature/signature.ts';
import { programFromFile } from './program-from-file.ts';
import { readPromptText } from './read-prompt-file.ts';
import { openWorkspace } from './workspace.ts';

export interface LoadPromptOptions<Inputs, Outputs> {
  /**
   * Types the inputs and outputs, and is held against what the file says of them. Left out: both are JSON, and the
   * file has to name them.
   */
  readonly signature?: Signature<Inputs, Outputs> | undefined;
  /** Who answers `run`. @default the model that the file names, else `HONE_MODEL`, else the embedded local model */
  readonly model?: ModelReference | undefined;
  /** What the file is called in messages. @default the path as it is given */
  readonly shownAs?: string | undefined;
}

/** A message in the form that the SDKs of providers take. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One final prompt, and how its answer is read. */
export interface PromptCall<Outputs> {
  readonly messages: PromptMessage[];
  readonly stopSequences?: readonly string[] | undefined;
  /** The JSON Schema of the answer, where the layout asks for JSON. */
  readonly responseSchema?: JsonObject | undefined;
  /** Weighs this prompt's answer against those of the others. */
  readonly weight: number;
  /**
   * The outputs of an answer.
   *
   * @throws {HoneError} `HONE_OUTPUT_UNPARSABLE` for a text that does not hold them.
   */
  read(text: string): Outputs;
}

/** A prompt file at work: what it sends and reads is what was measured. */
export interface LoadedPrompt<Inputs = JsonObject, Outputs = JsonObject> {
  /** For `evaluate` and `optimize`. */
  readonly program: Program<Inputs, Outputs>;
  /** The model that the file was made for, where it names one. */
  readonly model?: string | undefined;
  /**
   * Answers one row.
   *
   * @throws {HoneError} `HONE_OUTPUT_UNPARSABLE`, `HONE_FIELD_MISSING`, `HONE_MODEL_…`
   */
  run(inputs: Inputs, runtime?: Runtime): Promise<Outputs>;
  /**
   * The messages for one row, for any SDK; `read` reads the answer.
   *
   * @throws {HoneError} `HONE_PROMPT_INVALID` where the file asks several prompts and weighs their answers: use
   *   `calls`, or `run`.
   */
  messages(inputs: Inputs): PromptMessage[];
  /** The outputs of an answer to `messages`. @throws {HoneError} `HONE_OUTPUT_UNPARSABLE` */
  read(text: string): Outputs;
  /** Every prompt for one row with what else belongs to its request; several where the file has several sets. */
  calls(inputs: Inputs): readonly PromptCall<Outputs>[];
}

/**
 * Opens a prompt file, such as the winner of an optimization, for use in code.
 *
 * @param path Where it lies, from the working folder.
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`, `HONE_FILE_UNREADABLE`; `HONE_PROMPT_INVALID` for a file that is no
 *   prompt, names other inputs or outputs than the signature, or names none and there is no signature.
 */
export async function loadPrompt<Inputs = JsonObject, Outputs = JsonObject>(
  path: string,
  { signature, model: given, shownAs: file = path }: LoadPromptOptions<Inputs, Outputs> = {},
): Promise<LoadedPrompt<Inputs, Outputs>> {
  const prompt = parsePromptFile(readPromptText(resolve(path), file), { file });
  const columns = columnsOf(prompt, signature as Signature | undefined, file);
  const program = programFromFile(prompt, { ...columns, model: prompt.model });
  const final = stepPromptsOf(program.seed, program.shape.name);
  const read = (text: string, format: FinalPrompt['format']): Outputs => {
    const result = adapterOf(format).parse(text, program.signature);
    if (result.status === 'parsed') return result.outputs as Outputs;
    return outputsOf<Outputs>({
      status: 'failed',
      reason: result.reason,
      text,
      step: program.shape.name,
      trace: [],
    });
  };
  const calls = (inputs: Inputs): readonly PromptCall<Outputs>[] => {
    checkInputs(program.signature.inputs, inputs as JsonObject);
    const row = { signature: program.signature, inputs: inputs as JsonObject };
    return renderFinalPrompts(final, row).map(({ prompt: rendered, set, format }) => ({
      messages: rendered.messages.map(({ role, content }) => ({
        // A prompt file has no tools, so nobody else speaks in it.
        role: role as PromptMessage['role'],
        content: contentText(content),
      })),
      stopSequences: rendered.stopSequences,
      responseSchema: rendered.responseSchema,
      weight: set.weight ?? 1,
      read: (text) => read(text, format),
    }));
  };
  const only = () => {
    const [set, another] = final.sets;
    if (set !== undefined && another === undefined) return set.format ?? final.format;
    throw new HoneError(`${file} asks ${final.sets.length} prompts and weighs their answers.`, {
      code: 'HONE_PROMPT_INVALID',
      hint: 'Use run(), which does it, or calls() for each prompt.',
      facts: { file },
    });
  };
  const openModel = openedOnce(given ?? prompt.model);
  return {
    program: program as unknown as Program<Inputs, Outputs>,
    model: prompt.model,
    run: async (inputs, runtime = {}) => {
      const model = runtime.model ?? (await openModel());
      return (await program.run(inputs as JsonObject, { ...runtime, model })) as Outputs;
    },
    messages: (inputs) => {
      only();
      return calls(inputs)[0]?.messages ?? [];
    },
    read: (text) => read(text, only()),
    calls,
  };
}

/** The model is opened when it is first needed: whoever takes messages alone needs none. */
function openedOnce(reference: ModelReference | undefined): () => Promise<Model> {
  let opened: Promise<Model> | undefined;
  return () => {
    opened ??= openWorkspace().openModel(reference);
    return opened;
  };
}

interface Columns {
  readonly inputs: readonly string[];
  readonly outputs: readonly ColumnSpec[];
}

/** The file says what was measured; the signature is held against it, and says what the file leaves open. */
function columnsOf(prompt: PromptFile, signature: Signature | undefined, file: string): Columns {
  const inputs = prompt.inputs ?? signature?.inputs.map(({ name }) => name) ?? inputsSeenIn(prompt);
  const outputs = prompt.outputs ?? signature?.outputs.map(columnOf) ?? outputsSeenIn(prompt);
  if (inputs.length === 0 || outputs.length === 0) {
    const missing = inputs.length === 0 ? 'inputs' : 'outputs';
    throw new HoneError(`${file} does not name its ${missing}.`, {
      code: 'HONE_PROMPT_INVALID',
      hint: `Add \`${missing}: [name]\` to its front matter, or give loadPrompt a signature.`,
      facts: { file },
    });
  }
  if (signature !== undefined) {
    requireSame(
      { file, what: 'inputs' },
      inputs,
      signature.inputs.map(({ name }) => name),
    );
    requireSame(
      { file, what: 'outputs' },
      outputs.map(({ name }) => name),
      signature.outputs.map(({ name }) => name),
    );
    for (const { name, choices } of outputs) {
      const field = signature.outputs.find((other) => other.name === name);
      const typed = field && choicesOf(field);
      if (choices && typed) requireSame({ file, what: `answers of ${name}` }, choices, typed.map(String));
    }
  }
  return { inputs, outputs };
}

function requireSame(
  { file, what }: { readonly file: string; readonly what: string },
  inFile: readonly string[],
  typed: readonly string[],
): void {
  const isSame = inFile.length === typed.length && inFile.every((name) => typed.includes(name));
  if (isSame) return;
  throw new HoneError(
    `The ${what} of ${file} are ${inFile.join(', ')}; the signature has ${typed.join(', ')}.`,
    {
      code: 'HONE_PROMPT_INVALID',
      hint: 'Write the signature as the file says, or optimize again for the other one.',
      facts: { file },
    },
  );
}

function columnOf(field: Field): ColumnSpec {
  const { name, description, schema } = field;
  const choices = choicesOf(field)?.map(String);
  const { type } = schema;
  const isPlain = type === 'string' || type === 'number' || type === 'integer' || type === 'boolean';
  return {
    name,
    ...(choices === undefined ? { type: isPlain ? type : 'json' } : { choices }),
    ...(description !== undefined && { description }),
  };
}

/** A file that was written by hand names its inputs in its slots or shows them in its demos. */
function inputsSeenIn({ instructions = '', user = '', demos }: PromptFile): readonly string[] {
  const slots = [...slotsOf(instructions), ...slotsOf(user)].map(({ name }) => name);
  const shown = Object.keys(demos[0]?.demos[0]?.inputs ?? {});
  return [...new Set(slots.length > 0 ? slots : shown)];
}

function outputsSeenIn({ demos }: PromptFile): readonly ColumnSpec[] {
  return Object.keys(demos[0]?.demos[0]?.outputs ?? {}).map((name) => ({ name }));
}
