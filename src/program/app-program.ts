import { HoneError, messageOf } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import { jsonOf } from '../base/json-of.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Model } from '../model/model.ts';
import { fromAiSdk } from '../model/provider/ai-sdk.ts';
import { type Candidate, parameterOf } from '../prompt/candidate.ts';
import type { Signature } from '../signature/signature.ts';
import { appFields, demosName, instructionsName } from './app-prompt.ts';
import { type AppRow, inAppRow, openAppRow } from './app-row.ts';
import { checkTimes } from './check-count.ts';
import { createProgram } from './create-program.ts';
import { faultBehind } from './faults.ts';
import { modelOfRole } from './model-of-role.ts';
import type { ParameterSpec, Prediction, Program, Runtime } from './program.ts';
import { type AppPrompt, appPromptOf, type WrappedModel } from './wrap-model.ts';

export interface AppProgramOptions<Inputs, Outputs> {
  readonly signature: Signature<Inputs, Outputs>;
  /** Every wrapped model that the app asks: each prompt is a step. */
  readonly models: readonly WrappedModel[];
  /** Raise it when something that the function calls changes: its own text is already taken into account. */
  readonly version?: string | undefined;
  /** How often a row asks each prompt at most, by its name: rounds with tools count each. @default 1 */
  readonly times?: Readonly<Record<string, number>> | undefined;
}

/** What an app's function gets beside its inputs. */
export interface AppCall {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A program made of an app as it is: a function that asks wrapped models, at any depth. Each prompt is a step with
 * `<prompt>.instructions` and `<prompt>.demos`. The app's own models answer, unless whoever runs it names another: the
 * first model has the role `task`, and a further one the role of its prompt.
 *
 * What the function throws fails its row, with the message as feedback; a call that nobody answered loses the row,
 * whatever the function made of it.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a model that is not wrapped, two prompts of one name, or a prompt whose
 *   text is not known yet.
 */
export function appProgram<Inputs, Outputs>(
  name: string,
  options: AppProgramOptions<Inputs, Outputs>,
  app: (inputs: Inputs, call: AppCall) => Outputs | Promise<Outputs>,
): Program<Inputs, Outputs> {
  const prompts = promptsOf(name, options, app);
  checkOptionNames(options, { signature: true, models: true, version: true, times: true }, 'appProgram');
  const { signature, version = '', times = {} } = options;
  checkTimes(times, { of: name, steps: prompts.map((prompt) => prompt.name) });
  const texts = new Map(prompts.map((prompt) => [prompt.name, textOf(prompt)]));
  const { models, roles } = rolesOf(prompts);
  const counts = prompts.map((prompt) => times[prompt.name] ?? 1);
  const calls = counts.reduce((sum, count) => sum + count, 0);
  const specs = prompts.flatMap(parametersOf);

  const forward = async (
    inputs: Inputs,
    runtime: Runtime & { readonly candidate: Candidate },
  ): Promise<Prediction<Outputs>> => {
    const { candidate } = runtime;
    const unshowable = severalSets(prompts, candidate);
    if (unshowable !== undefined) return { status: 'failed', reason: unshowable, text: '', trace: [] };
    const modelOf = (prompt: string) => modelFor(roles.get(prompt) ?? 'task', { runtime, models, prompt });
    const row = openAppRow({ name, candidate, runtime, texts, modelOf });
    const outsideBefore = callsOutside(prompts);
    let outputs: unknown;
    try {
      outputs = await inAppRow(row, () => app(inputs, { signal: runtime.signal }));
    } catch (cause) {
      throwIfLost(row, { cause, runtime });
      return { status: 'failed', reason: messageOf(cause), text: lastText(row), trace: row.trace(), cause };
    }
    throwIfLost(row, { runtime });
    if (row.calls === 0 && callsOutside(prompts) > outsideBefore) throw leftTheRow(name);
    return read(outputs, { signature, name, row });
  };

  return createProgram<Inputs, Outputs>({
    name,
    version: hashJson(['app-1', version, String(app), [...texts.keys()]]).slice(0, 16),
    signature,
    steps: prompts.map((prompt) => ({
      name: prompt.name,
      inputs: [appFields.prompt],
      outputs: [appFields.reply],
      temperature: 0,
      maxOutputTokens: 1024,
    })),
    parameters: specs,
    seed: Object.fromEntries(
      prompts.flatMap((prompt): readonly (readonly [string, Candidate[string]])[] => [
        [instructionsName(prompt.name), { kind: 'text', text: textOf(prompt) }],
        [demosName(prompt.name), { kind: 'demos', sets: [] }],
      ]),
    ),
    calls: () => ({ typical: calls, most: calls }),
    forward,
    models,
  });
}

function read<Outputs>(
  outputs: unknown,
  {
    signature,
    name,
    row,
  }: { readonly signature: Signature<unknown, Outputs>; readonly name: string; readonly row: AppRow },
): Prediction<Outputs> {
  const given = (outputs ?? {}) as Readonly<Record<string, unknown>>;
  const missing = signature.outputs.find((field) => !field.optional && given[field.name] === undefined);
  const trace = row.trace();
  if (missing !== undefined) {
    return {
      status: 'failed',
      reason: `The app "${name}" gave no "${missing.name}".`,
      text: lastText(row),
      trace,
    };
  }
  try {
    // Read once, as it will be stored: what cannot be written down fails here, and not in the store.
    return { status: 'completed', outputs: jsonOf(outputs) as Outputs, trace };
  } catch (cause) {
    return { status: 'failed', reason: messageOf(cause), text: lastText(row), trace, cause };
  }
}

/** An app may swallow a fault and answer something else, which would count as the candidate's answer. */
function throwIfLost(
  row: AppRow,
  { cause, runtime }: { readonly cause?: unknown; readonly runtime: Runtime },
): void {
  runtime.signal?.throwIfAborted();
  const fault = row.unansweredFault ?? (cause === undefined ? undefined : faultBehind(cause));
  if (fault !== undefined) throw fault;
}

function lastText(row: AppRow): string {
  const last = row.trace().findLast((step) => step.kind === 'predict');
  return last?.kind === 'predict' ? (last.text ?? '') : '';
}

function parametersOf({ name }: AppPrompt): readonly ParameterSpec[] {
  return [
    {
      name: instructionsName(name),
      kind: 'text',
      step: name,
      part: 'instructions',
      description: 'what the app tells the model; how the app reads the answer does not change with it.',
    },
    { name: demosName(name), kind: 'demos', step: name, part: 'demos' },
  ];
}

function severalSets(prompts: readonly AppPrompt[], candidate: Candidate): string | undefined {
  for (const { name } of prompts) {
    const sets = parameterOf(candidate, demosName(name), 'demos')?.sets ?? [];
    if (sets.length > 1) {
      return `${demosName(name)} has ${sets.length} sets, and the app asks its prompt once: it can show one.`;
    }
  }
  return undefined;
}

/** Roles that others have a meaning for. */
const takenRoles = ['task', 'teacher', 'reflection', 'judge'];

/** Prompts of one model share a role; each further model has the role of its first prompt. */
function rolesOf(prompts: readonly AppPrompt[]) {
  const models: Record<string, Model> = {};
  const roles = new Map<string, string>();
  const known = new Map<unknown, string>();
  for (const { name, model } of prompts) {
    const asked = fromAiSdk(model);
    // One model behind one address, however often it was made; where no address is known, one object.
    const hasAddress = /^https?:/u.test(asked.endpoint);
    const key = hasAddress ? `${model.specificationVersion} ${asked.endpoint} ${asked.id}` : model;
    const role = known.get(key) ?? (known.size === 0 ? 'task' : name);
    if (role === name && takenRoles.includes(name)) throw takenRole(name);
    known.set(key, role);
    roles.set(name, role);
    models[role] ??= asked;
  }
  return { models, roles };
}

function takenRole(name: string): HoneError {
  return new HoneError(`The prompt "${name}" has a model of its own, and its name is that of another role.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Name it otherwise: none of ${takenRoles.join(', ')}.`,
  });
}

/** Who answers a prompt: as the runtime names the role, else the app's own model where nobody counts the calls. */
async function modelFor(
  role: string,
  {
    runtime,
    models,
    prompt,
  }: { readonly runtime: Runtime; readonly models: Readonly<Record<string, Model>>; readonly prompt: string },
): Promise<Model> {
  const isCounted = runtime.models !== undefined;
  const own = isCounted ? runtime.models : { ...models, ...(runtime.model && { task: runtime.model }) };
  const reference = own?.[role];
  if (reference === undefined) {
    throw new HoneError(`The prompt "${prompt}" asks the model of the role "${role}", and none was given.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Give the program's own: models: { ${JSON.stringify(role)}: program.models[${JSON.stringify(role)}] }.`,
    });
  }
  return modelOfRole(prompt, reference)(role, { ...runtime, models: own });
}

function callsOutside(prompts: readonly AppPrompt[]): number {
  return prompts.reduce((sum, prompt) => sum + prompt.callsOutside, 0);
}

function leftTheRow(name: string): HoneError {
  return new HoneError(
    `The app "${name}" asked its models where Hone cannot tell for which row: the published text was sent, and nothing was counted.`,
    {
      code: 'HONE_PROGRAM_FAILED',
      hint: 'A queue or a batch that was made before the row loses its context: bind its tasks with AsyncResource.bind(), or ask the model in the function itself.',
    },
  );
}

function textOf({ name, text }: AppPrompt): string {
  if (text !== undefined) return text;
  throw new HoneError(`The text of the prompt "${name}" is not known.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Give it, wrapModel(model, { prompt: '${name}', instructions: '…' }), or let the app answer once before it becomes a program.`,
  });
}

function promptsOf(
  name: unknown,
  options: { readonly signature?: unknown; readonly models?: readonly unknown[] } | undefined,
  app: unknown,
): readonly AppPrompt[] {
  const missing =
    typeof name !== 'string' || name === ''
      ? 'a name'
      : typeof options?.signature !== 'object' || options.signature === null
        ? 'a `signature`'
        : !Array.isArray(options.models) || options.models.length === 0
          ? '`models`, at least one'
          : typeof app !== 'function'
            ? "the app's function"
            : undefined;
  if (missing !== undefined) {
    throw new HoneError(`A program made of an app needs ${missing}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Write appProgram(name, { signature, models: [wrapped] }, async (inputs) => outputs).',
    });
  }
  return (options?.models ?? []).map((model, index) => {
    const prompt = appPromptOf(model);
    if (prompt !== undefined) return prompt;
    throw new HoneError(`Model ${index + 1} of the app "${name}" is not wrapped.`, {
      code: 'HONE_OPTION_INVALID',
      hint: "Give what wrapModel(model, { prompt: 'triage' }) returned, and use it in the app.",
    });
  });
}
