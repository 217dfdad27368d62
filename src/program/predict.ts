import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Model } from '../model/model.ts';
import { promptFormats } from '../prompt/adapters.ts';
import {
  type Candidate,
  type Demo,
  type DemoSet,
  defaultStep,
  type Parameter,
  type ParameterPart,
  parameterName,
  parameterOf,
} from '../prompt/candidate.ts';
import { withNearest } from '../prompt/nearest-demos.ts';
import type { PromptFormat } from '../prompt/prompt-format.ts';
import { type StepPrompts, stepPromptsOf } from '../prompt/step-prompts.ts';
import { isHistory, isMedia } from '../signature/media-types.ts';
import { choicesOf, type Signature } from '../signature/signature.ts';
import { answerByChoice } from './answer-by-choice.ts';
import { answerByText } from './answer-by-text.ts';
import { callsOfStep } from './calls-per-row.ts';
import { checkTemperature, checkTokens } from './check-count.ts';
import { createProgram } from './create-program.ts';
import { modelOfRole } from './model-of-role.ts';
import type { ModelRole, ParameterSpec, Prediction, Program, Runtime, StepShape } from './program.ts';
import type { Answered, Question, StepSettings } from './question.ts';
import { RowBudgetSpent } from './row-budget-spent.ts';

/** A channel needs a closed choice. */
const openFormats = promptFormats.filter((format) => format !== 'channel');

/** What can hold an image, a file, or a conversation before the row. */
const messageFormats = promptFormats.filter((format) => format === 'chat' || format === 'json');

/** Raised when a step asks or reads otherwise than before with the same parameters. */
const behaviour = 'predict-1';

/** The temperatures that a search may try. */
const temperatureBounds = [0, 2] as const;

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
  /**
   * Roles that a search may choose from for this step, the first to start with: with several, `<name>.model` is a
   * parameter; a single one is who is asked. @default ['task']
   */
  readonly models?: readonly ModelRole[] | undefined;
  /** @default 0, the most likely answer */
  readonly temperature?: number | undefined;
  /** Further parts that a search may set. `temperature`: from 0 to 2. @default [] */
  readonly parameters?: readonly 'temperature'[] | undefined;
  /** Most tokens of one answer. @default 1024 */
  readonly maxOutputTokens?: number | undefined;
}

/**
 * One step: fills a prompt with the row, asks the model once (once for each demo set), and reads the answer.
 * A single output with a closed choice is answered by scoring the choices where the model can.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when no role is left to ask.
 */
export function predict<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  options: PredictOptions = {},
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    {
      name: true,
      format: true,
      demos: true,
      userTemplate: true,
      model: true,
      models: true,
      temperature: true,
      parameters: true,
      maxOutputTokens: true,
    },
    'predict',
  );
  const { name = defaultStep, temperature = 0, maxOutputTokens = 1024 } = options;
  checkTemperature(temperature, name);
  checkTokens(maxOutputTokens, name);
  const settings: StepSettings = { name, temperature, maxOutputTokens };
  const shape = describeStep(settings, signature);
  const parameters = parametersOf(shape, signature, options);
  const modelOf = modelOfRole(name, options.model ?? defaultModel);
  const [firstRole = 'task'] = options.models ?? [];
  const readSettings = rememberSettings(settings, firstRole);

  const forward = async (
    inputs: Inputs,
    runtime: Runtime & { readonly candidate: Candidate },
  ): Promise<Prediction<Outputs>> => {
    const values = inputs as JsonObject;
    const { role, sets, ...decided } = readSettings(runtime.candidate);
    const question: Question = {
      settings: sampledSettings(decided.settings, runtime),
      parts: {
        signature: signature as Signature,
        instructions: decided.instructions,
        userTemplate: decided.userTemplate,
        inputs: values,
      },
      format: decided.format,
      demoSets: withoutRow(sets, runtime.exampleId).map((set) => withNearest(set, values, runtime.exampleId)),
      calibration: decided.calibration,
      model: await modelOf(role, runtime),
      call: { signal: runtime.signal, draw: runtime.draw },
      reask: runtime.reask ?? true,
    };
    const answered = await answer(question, shape).catch(withoutBudget);
    if (answered instanceof RowBudgetSpent) {
      return { status: 'failed', reason: answered.message, text: '', step: name, trace: [] };
    }
    const { step, failure } = answered;
    if (failure !== undefined) return { status: 'failed', ...failure, step: name, trace: [step] };
    return { status: 'completed', outputs: step.outputs as Outputs, trace: [step] };
  };

  return createProgram<Inputs, Outputs>({
    name,
    version: firstRole === 'task' ? behaviour : `${behaviour}-${firstRole}`,
    signature,
    steps: [shape],
    parameters: parameters.map(({ spec }) => spec),
    seed: Object.fromEntries(parameters.map(({ spec, value }) => [spec.name, value])),
    calls: (candidate) => callsOfStep(shape, candidate),
    forward,
  });
}

/** As decided, or for answers that are to differ with another temperature than 0. */
function sampledSettings(settings: StepSettings, { samplingTemperature }: Runtime): StepSettings {
  return samplingTemperature === undefined || settings.temperature > 0
    ? settings
    : { ...settings, temperature: samplingTemperature };
}

/** A call that there was no budget for fails its step: what was answered before it still counts. */
function withoutBudget(thrown: unknown): RowBudgetSpent {
  if (thrown instanceof RowBudgetSpent) return thrown;
  throw thrown;
}

/** The model that answers when nobody names one. */
export const defaultModel = 'local/smollm2-135m-instruct';

function answer(question: Question, shape: StepShape): Promise<Answered> {
  return shape.choice !== undefined && question.model.capabilities.choiceScores
    ? answerByChoice(question, shape.choice)
    : answerByText(question);
}

/** What a candidate decides of every question. */
interface CandidateSettings extends StepPrompts {
  readonly settings: StepSettings;
  readonly role: ModelRole;
}

/** Reads the parameters of each candidate once: it is an immutable value, and its rows are many. */
function rememberSettings(
  settings: StepSettings,
  role: ModelRole,
): (candidate: Candidate) => CandidateSettings {
  const known = new WeakMap<Candidate, CandidateSettings>();
  const named = (part: ParameterPart) => parameterName(settings.name, part);
  return (candidate) => {
    let decided = known.get(candidate);
    if (decided === undefined) {
      const temperature = parameterOf(candidate, named('temperature'), 'number')?.value;
      decided = {
        ...stepPromptsOf(candidate, settings.name),
        settings: temperature === undefined ? settings : { ...settings, temperature },
        role: parameterOf(candidate, named('model'), 'choice')?.value ?? role,
      };
      known.set(candidate, decided);
    }
    return decided;
  };
}

/** A row is never answered with its own answer in the prompt. */
function withoutRow(sets: readonly DemoSet[], exampleId: string | undefined): readonly DemoSet[] {
  const isOwn = ({ source }: Demo) => source !== undefined && source === exampleId;
  // Of the nearest ones it is left out where they are chosen, so that they are indexed once.
  const shows = ({ demos, nearest }: DemoSet) => nearest === undefined && demos.some(isOwn);
  if (!sets.some(shows)) return sets;
  return sets.map((set) => (shows(set) ? { ...set, demos: set.demos.filter((demo) => !isOwn(demo)) } : set));
}

function describeStep(settings: StepSettings, signature: Signature<unknown, unknown>): StepShape {
  return {
    ...settings,
    inputs: signature.inputs,
    outputs: signature.outputs,
    choice: closedChoiceOf(signature),
  };
}

function closedChoiceOf(signature: Signature<unknown, unknown>): StepShape['choice'] {
  const [only, another] = signature.outputs;
  if (only === undefined || another !== undefined) return undefined;
  const choices = choicesOf(only);
  return choices === undefined ? undefined : { field: only.name, choices };
}

/** The layouts that can hold what the step takes and gives. */
function formatsOf({ inputs }: Signature<unknown, unknown>, choice: StepShape['choice']) {
  if (inputs.some((field) => isMedia(field) || isHistory(field))) return messageFormats;
  return choice === undefined ? openFormats : promptFormats;
}

/** Every parameter with the value that it starts with. */
function parametersOf(
  { name: step, choice, temperature }: StepShape,
  signature: Signature<unknown, unknown>,
  options: PredictOptions,
): readonly { readonly spec: ParameterSpec; readonly value: Parameter }[] {
  const { demos = [], format = 'chat', userTemplate, models = ['task'], parameters = [] } = options;
  const [firstModel] = models;
  if (firstModel === undefined) {
    throw new HoneError(`The step "${step}" may ask no model.`, {
      code: 'HONE_OPTION_INVALID',
      hint: "Name at least one role in `models`, such as 'task'.",
    });
  }
  const parameter = (
    part: ParameterPart,
    value: Parameter,
    more: Pick<ParameterSpec, 'options' | 'bounds'> = {},
  ) => ({ spec: { name: parameterName(step, part), kind: value.kind, step, part, ...more }, value });
  return [
    parameter('instructions', { kind: 'text', text: signature.instructions }),
    ...(userTemplate === undefined ? [] : [parameter('user', { kind: 'text', text: userTemplate })]),
    parameter('demos', { kind: 'demos', sets: demos.length === 0 ? [] : [{ demos }] }),
    parameter('format', { kind: 'choice', value: format }, { options: formatsOf(signature, choice) }),
    ...(choice === undefined ? [] : [parameter('calibration', { kind: 'calibration', offsets: {} })]),
    ...(models.length > 1
      ? [parameter('model', { kind: 'choice', value: firstModel }, { options: models })]
      : []),
    ...(parameters.includes('temperature')
      ? [parameter('temperature', { kind: 'number', value: temperature }, { bounds: temperatureBounds })]
      : []),
  ];
}
