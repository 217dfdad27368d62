import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Model } from '../model/model.ts';
import { resolveModel } from '../model/resolve-model.ts';
import { promptFormats } from '../prompt/adapters.ts';
import { type Candidate, type Demo, type DemoSet, parameterOf } from '../prompt/candidate.ts';
import type { PromptFormat } from '../prompt/prompt-format.ts';
import { choicesOf, type Field, type Signature } from '../signature/signature.ts';
import { answerByChoice } from './answer-by-choice.ts';
import { answerByText } from './answer-by-text.ts';
import type { ParameterSpec, Prediction, PredictorShape, Program, Runtime } from './program.ts';
import type { Answered, PredictorSettings, Question } from './question.ts';

/** A channel needs a closed choice. */
const openFormats = promptFormats.filter((format) => format !== 'channel');

export interface PredictOptions {
  /** Names the step; its parameters are `<name>.instructions` and so on. @default 'answer' */
  readonly name?: string | undefined;
  /** The layout to start with. @default 'chat' */
  readonly format?: PromptFormat | undefined;
  /** Demos to start with. @default none */
  readonly demos?: readonly Demo[] | undefined;
  /** The user section with `{{slots}}`; left out, every input as `Name: value`. */
  readonly userTemplate?: string | undefined;
  /** The model that answers when the caller names none. @default the embedded local model */
  readonly model?: Model | string | undefined;
  /** @default 0, the most likely answer */
  readonly temperature?: number | undefined;
  /** Most tokens of one answer. @default 1024 */
  readonly maxOutputTokens?: number | undefined;
}

/**
 * One step: fills a prompt with the row, asks the model once (once for each demo set), and reads the answer.
 * A single output with a closed choice is answered by scoring the choices where the model can.
 */
export function predict<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  options: PredictOptions = {},
): Program<Inputs, Outputs> {
  const {
    name = 'answer',
    temperature = 0,
    maxOutputTokens = 1024,
    model: ownModel = defaultModel,
  } = options;
  const settings: PredictorSettings = { name, temperature, maxOutputTokens };
  const shape = describeStep(settings, signature);
  const seed = seedOf(name, signature, options);
  const modelOf = rememberModels();
  const readSettings = rememberSettings(name, signature, seed);

  const forward = async (inputs: Inputs, runtime: Runtime = {}): Promise<Prediction<Outputs>> => {
    const values = inputs as JsonObject;
    checkInputs(signature.inputs, values);
    const reference = runtime.model ?? ownModel;
    const { instructions, userTemplate, format, sets, calibration } = readSettings(runtime.candidate ?? seed);
    const question: Question = {
      settings,
      parts: { signature: signature as Signature, instructions, userTemplate, inputs: values },
      format,
      demoSets: withoutRow(sets, runtime.exampleId),
      calibration,
      model: typeof reference === 'string' ? await modelOf(reference) : reference,
      call: { signal: runtime.signal, draw: runtime.draw },
    };
    const { step, failure } = await answer(question, shape);
    if (failure !== undefined) return { status: 'failed', ...failure, trace: [step] };
    return { status: 'completed', outputs: step.outputs as Outputs, trace: [step] };
  };

  return {
    shape: {
      name,
      inputs: signature.inputs,
      outputs: signature.outputs,
      predictors: [shape],
      parameters: parametersOf(shape, seed),
    },
    signature,
    seed,
    forward,
    run: async (inputs, runtime) => outputsOf(await forward(inputs, runtime)),
  };
}

/** The outputs of a prediction; an unusable answer throws. */
export function outputsOf<Outputs>(prediction: Prediction<Outputs>): Outputs {
  if (prediction.status === 'completed') return prediction.outputs;
  throw new HoneError(
    `The model answered, but not in the shape that the signature asks for: ${prediction.reason}`,
    {
      code: 'HONE_OUTPUT_UNPARSABLE',
      hint: 'Try the `json` format, or raise `maxOutputTokens` if the answer was cut off.',
      facts: { text: prediction.text },
    },
  );
}

/** The model that answers when nobody names one. */
export const defaultModel = 'local/smollm2-135m-instruct';

function answer(question: Question, shape: PredictorShape): Promise<Answered> {
  return shape.choice !== undefined && question.model.capabilities.choiceScores
    ? answerByChoice(question, shape.choice)
    : answerByText(question);
}

/** What a candidate decides of every question. */
interface CandidateSettings {
  readonly instructions: string;
  readonly userTemplate: string | undefined;
  readonly format: PromptFormat;
  readonly sets: readonly DemoSet[];
  readonly calibration: Readonly<Record<string, number>>;
}

/** Reads the parameters of each candidate once: it is an immutable value, and its rows are many. */
function rememberSettings(
  name: string,
  signature: Signature<unknown, unknown>,
  seed: Candidate,
): (candidate: Candidate) => CandidateSettings {
  const known = new WeakMap<Candidate, CandidateSettings>();
  return (candidate) => {
    let settings = known.get(candidate);
    if (settings === undefined) {
      const all = { ...seed, ...candidate };
      const sets = parameterOf(all, `${name}.demos`, 'demos')?.sets ?? [];
      settings = {
        instructions: parameterOf(all, `${name}.instructions`, 'text')?.text ?? signature.instructions,
        userTemplate: parameterOf(all, `${name}.user`, 'text')?.text,
        format: (parameterOf(all, `${name}.format`, 'choice')?.value ?? 'chat') as PromptFormat,
        sets: sets.length === 0 ? [{ demos: [] }] : sets,
        calibration: parameterOf(all, `${name}.calibration`, 'calibration')?.offsets ?? {},
      };
      known.set(candidate, settings);
    }
    return settings;
  };
}

/** A row is never answered with its own answer in the prompt. */
function withoutRow(sets: readonly DemoSet[], exampleId: string | undefined): readonly DemoSet[] {
  const isOwn = ({ source }: Demo) => source !== undefined && source === exampleId;
  if (!sets.some(({ demos }) => demos.some(isOwn))) return sets;
  return sets.map((set) => ({ ...set, demos: set.demos.filter((demo) => !isOwn(demo)) }));
}

function seedOf(name: string, signature: Signature<unknown, unknown>, options: PredictOptions): Candidate {
  const { demos = [], format = 'chat', userTemplate } = options;
  return {
    [`${name}.instructions`]: { kind: 'text', text: signature.instructions },
    ...(userTemplate !== undefined && { [`${name}.user`]: { kind: 'text' as const, text: userTemplate } }),
    [`${name}.demos`]: { kind: 'demos', sets: demos.length === 0 ? [] : [{ demos }] },
    [`${name}.format`]: { kind: 'choice', value: format },
    ...(closedChoiceOf(signature) !== undefined && {
      [`${name}.calibration`]: { kind: 'calibration' as const, offsets: {} },
    }),
  };
}

function describeStep(settings: PredictorSettings, signature: Signature<unknown, unknown>): PredictorShape {
  return {
    ...settings,
    inputs: signature.inputs,
    outputs: signature.outputs,
    choice: closedChoiceOf(signature),
  };
}

function closedChoiceOf(signature: Signature<unknown, unknown>): PredictorShape['choice'] {
  const [only, another] = signature.outputs;
  if (only === undefined || another !== undefined) return undefined;
  const choices = choicesOf(only);
  return choices === undefined ? undefined : { field: only.name, choices };
}

function parametersOf(shape: PredictorShape, seed: Candidate): readonly ParameterSpec[] {
  return Object.entries(seed).map(([name, { kind }]) => ({
    name,
    kind,
    predictor: shape.name,
    ...(kind === 'choice' && { options: shape.choice === undefined ? openFormats : promptFormats }),
  }));
}

function checkInputs(fields: readonly Field[], inputs: JsonObject): void {
  const missing = fields.filter(({ name, optional }) => !optional && inputs[name] === undefined);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => `"${name}"`).join(', ');
  throw new HoneError(`The input ${names} is missing.`, {
    code: 'HONE_FIELD_MISSING',
    hint: `Give ${fields.map(({ name }) => name).join(', ')}.`,
  });
}

function rememberModels(): (name: string) => Promise<Model> {
  const byName = new Map<string, Promise<Model>>();
  return (name) => {
    const known = byName.get(name) ?? Promise.resolve(resolveModel(name));
    byName.set(name, known);
    return known;
  };
}
