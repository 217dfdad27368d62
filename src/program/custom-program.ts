import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { jsonOf } from '../base/json-of.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Candidate } from '../prompt/candidate.ts';
import type { Signature } from '../signature/signature.ts';
import { sumCalls, timesCalls } from './calls-per-row.ts';
import { checkTimes } from './check-count.ts';
import { codeFailure, type FailedPrediction } from './code-failure.ts';
import { composed, withDraw } from './composition.ts';
import { createProgram } from './create-program.ts';
import { outputsOf } from './outputs-of.ts';
import type { AnyProgram, Prediction, Program, Runtime } from './program.ts';
import { createTraceRecorder, type TraceRecorder } from './trace-recorder.ts';

/** Programs that a program is composed of, by the names that its code calls them by. */
export type ProgramSteps = Readonly<Record<string, AnyProgram>>;

/** How one call of a step differs from the others of its row. */
export interface StepCallOptions {
  /** Which independent answer to the same inputs: asked alike, each name answers on its own. @default the row's */
  readonly draw?: string | undefined;
}

/** Asks a step. An answer that cannot be read throws; left uncaught, the row has failed at this step. */
export type StepCall<Step> =
  Step extends Program<infer Inputs, infer Outputs>
    ? (inputs: Inputs, options?: StepCallOptions) => Promise<Outputs>
    : never;

/** What the code of a program gets. */
export interface ProgramContext<Inputs, Steps extends ProgramSteps> {
  readonly inputs: Inputs;
  readonly steps: { readonly [Name in keyof Steps]: StepCall<Steps[Name]> };
  /** Looks something up and notes it in the trace. */
  readonly retrieve: TraceRecorder['retrieve'];
  /** Calls a tool and notes it in the trace. */
  readonly tool: TraceRecorder['tool'];
  readonly runtime: Runtime & { readonly candidate: Candidate };
}

export interface CustomProgramOptions<Inputs, Outputs, Steps extends ProgramSteps> {
  readonly signature: Signature<Inputs, Outputs>;
  /** Each with a name of its own: `predict(signature, { name })`. */
  readonly steps: Steps;
  /** Raise it when something that the function calls changes: its own text is already taken into account. */
  readonly version?: string | undefined;
  /** How often a row asks each step at most. @default 1 */
  readonly times?: { readonly [Name in keyof Steps]?: number } | undefined;
}

/**
 * A program of your own: steps called from code. An error of the code fails its row, with the message as
 * feedback. A service that cannot be reached is no failure of the candidate: throw a HoneError with the code
 * `HONE_SERVICE_UNAVAILABLE`, and the row is tried again and then left out.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when two steps have one name, or something is missing.
 */
export function program<Inputs, Outputs, Steps extends ProgramSteps>(
  name: string,
  options: CustomProgramOptions<Inputs, Outputs, Steps>,
  code: (context: ProgramContext<Inputs, Steps>) => Outputs | Promise<Outputs>,
): Program<Inputs, Outputs> {
  checkCode(name, options, code);
  checkOptionNames(options, { signature: true, steps: true, version: true, times: true }, 'program');
  const { signature, steps, version = '' } = options;
  const times: Readonly<Record<string, number | undefined>> = options.times ?? {};
  const parts = Object.entries(steps);
  checkTimes(times, { of: name, steps: Object.keys(steps) });
  return createProgram<Inputs, Outputs>({
    name,
    ...composed(
      'program-1',
      parts.map(([, step]) => step),
      [version, String(code), parts.map(([key]) => key)],
    ),
    signature,
    calls: (candidate) =>
      sumCalls(
        parts.map(([key, step]) => {
          return timesCalls(step.calls(candidate), times[key] ?? 1);
        }),
      ),
    forward: (inputs, runtime) => runCode({ name, signature, steps, code }, inputs, runtime),
  });
}

interface Coded<Inputs, Outputs, Steps extends ProgramSteps> {
  readonly name: string;
  readonly signature: Signature<Inputs, Outputs>;
  readonly steps: Steps;
  readonly code: (context: ProgramContext<Inputs, Steps>) => Outputs | Promise<Outputs>;
}

async function runCode<Inputs, Outputs, Steps extends ProgramSteps>(
  { name, signature, steps, code }: Coded<Inputs, Outputs, Steps>,
  inputs: Inputs,
  runtime: Runtime & { readonly candidate: Candidate },
): Promise<Prediction<Outputs>> {
  const { open, retrieve, tool, trace } = createTraceRecorder();
  // What a step threw is recognised again, also as the cause of what the code made of it.
  const failures = new WeakMap<object, FailedPrediction>();
  const callOf =
    (step: Program) =>
    async (values: JsonObject, { draw }: StepCallOptions = {}): Promise<JsonObject> => {
      const place = open();
      const prediction = await step.forward(values, draw === undefined ? runtime : withDraw(runtime, draw));
      place.fill(prediction.trace);
      if (prediction.status === 'completed') return prediction.outputs;
      try {
        return outputsOf(prediction);
      } catch (thrown) {
        if (typeof thrown === 'object' && thrown !== null) failures.set(thrown, prediction);
        throw thrown;
      }
    };
  const calls = Object.fromEntries(Object.entries(steps).map(([key, step]) => [key, callOf(step)]));
  try {
    const outputs = await code({
      inputs,
      steps: calls as unknown as ProgramContext<Inputs, Steps>['steps'],
      retrieve,
      tool,
      runtime,
    });
    const missing = missingOutput(signature, outputs);
    // Read once, as it will be stored: what cannot be written down fails here, and not in the store.
    if (missing === undefined) {
      return { status: 'completed', outputs: jsonOf(outputs) as Outputs, trace: trace() };
    }
    const reason = `The program "${name}" gave no "${missing}".`;
    return { status: 'failed', reason, text: '', trace: trace() };
  } catch (cause) {
    return codeFailure(cause, { runtime, trace: trace(), failures });
  }
}

function missingOutput(signature: Signature<unknown, unknown>, outputs: unknown): string | undefined {
  const given = (outputs ?? {}) as Readonly<Record<string, Json | undefined>>;
  return signature.outputs.find(({ name, optional }) => !optional && given[name] === undefined)?.name;
}

function checkCode(
  name: unknown,
  options: { readonly signature?: unknown; readonly steps?: unknown } | undefined,
  code: unknown,
): void {
  const missing =
    typeof name !== 'string' || name === ''
      ? 'a name'
      : typeof options?.signature !== 'object'
        ? 'a `signature`'
        : typeof options.steps !== 'object' || options.steps === null
          ? '`steps`'
          : typeof code !== 'function'
            ? 'a function'
            : undefined;
  if (missing !== undefined) {
    throw new HoneError(`A program needs ${missing}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Write program(name, { signature, steps }, async ({ inputs, steps }) => outputs).',
    });
  }
  for (const [key, step] of Object.entries(options?.steps ?? {})) {
    if (typeof (step as Partial<Program> | null)?.forward === 'function') continue;
    throw new HoneError(`The step "${key}" of the program "${name}" is no program.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Make it with predict(), chainOfThought() or program().',
    });
  }
}
