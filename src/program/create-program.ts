import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Model } from '../model/model.ts';
import { type Candidate, parameterName } from '../prompt/candidate.ts';
import type { Signature } from '../signature/signature.ts';
import { rememberComplete } from './check-candidate.ts';
import { checkInputs } from './check-inputs.ts';
import { outputsOf } from './outputs-of.ts';
import type {
  CallCount,
  ParameterSpec,
  Prediction,
  Program,
  ProgramShape,
  Runtime,
  StepShape,
} from './program.ts';
import { streamProgram } from './stream-program.ts';

/** What a program is made of. */
export interface ProgramDefinition<Inputs, Outputs> {
  readonly name: string;
  /** Changes with everything that the program does and its steps do not say. */
  readonly version: string;
  readonly signature: Signature<Inputs, Outputs>;
  /** Everything that asks a model. */
  readonly steps: readonly StepShape[];
  readonly parameters: readonly ParameterSpec[];
  /** One value for each parameter. */
  readonly seed: Candidate;
  /** Models that it brings along, by role. @default none */
  readonly models?: Readonly<Record<string, Model>> | undefined;
  calls(candidate: Candidate): CallCount;
  /** Called with inputs that are complete and with a candidate that is. */
  forward(inputs: Inputs, runtime: Runtime & { readonly candidate: Candidate }): Promise<Prediction<Outputs>>;
}

/**
 * A program from its definition: `run` follows from `forward`, the inputs are checked before it, and what a
 * candidate leaves out is taken from the seed. `program()` and `pipeline()` are the short ways to write one.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when something is missing, two steps have one name (they would
 * share their parameters), or parameters, steps and seed do not fit together.
 */
export function createProgram<Inputs, Outputs>(
  definition: ProgramDefinition<Inputs, Outputs>,
): Program<Inputs, Outputs> {
  checkDefinition(definition as unknown as ProgramDefinition<unknown, unknown>);
  const { name, version, signature, steps, parameters, seed } = definition;
  const { inputs, outputs } = signature;
  const shape: ProgramShape = { name, version, inputs, outputs, steps, parameters };
  const complete = rememberComplete({ program: shape, seed });
  const forward = async (values: Inputs, runtime: Runtime = {}): Promise<Prediction<Outputs>> => {
    checkInputs(inputs, values as JsonObject);
    return definition.forward(values, { ...runtime, candidate: complete(runtime.candidate) });
  };
  return {
    shape,
    signature,
    seed,
    ...(definition.models !== undefined && { models: definition.models }),
    calls: (candidate) => definition.calls(complete(candidate)),
    forward,
    run: async (values, runtime) => outputsOf(await forward(values, runtime)),
    stream: (values, options) => streamProgram({ shape, forward }, values, options),
  };
}

const required = {
  name: 'string',
  version: 'string',
  signature: 'object',
  steps: 'object',
  parameters: 'object',
  seed: 'object',
  calls: 'function',
  forward: 'function',
} as const;

function checkDefinition(definition: ProgramDefinition<unknown, unknown>): void {
  const given = (definition ?? {}) as unknown as Readonly<Record<string, unknown>>;
  for (const [key, type] of Object.entries(required)) {
    const actual: string = typeof given[key];
    if (actual !== type || given[key] === null) {
      throw invalid(`A program needs \`${key}\`, a ${type}.`, 'Give it to createProgram({ … }).');
    }
  }
  const { name, steps, parameters, seed } = definition;
  checkStepNames(name, steps);
  const stepNames = new Set(steps.map((step) => step.name));
  const names = new Set<string>();
  for (const parameter of parameters) {
    const place = `The parameter "${parameter.name}" of the program "${name}"`;
    if (names.has(parameter.name)) throw invalid(`${place} is there twice.`, 'Give each its own part.');
    names.add(parameter.name);
    if (parameter.name !== parameterName(parameter.step, parameter.part)) {
      throw invalid(
        `${place} should be called "${parameterName(parameter.step, parameter.part)}".`,
        'Make names with parameterName(step, part).',
      );
    }
    if (seed[parameter.name]?.kind !== parameter.kind) {
      throw invalid(`${place} has no value of kind ${parameter.kind} in the seed.`, 'Complete the seed.');
    }
  }
  const stranger = Object.keys(seed).find((key) => !names.has(key));
  if (stranger !== undefined) {
    throw invalid(
      `The seed of the program "${name}" has "${stranger}", which is no parameter of it.`,
      'Add it to the parameters, or take it out.',
    );
  }
  if (stepNames.size === 0 && parameters.length === 0) {
    throw invalid(`The program "${name}" has no step and no parameter.`, 'Give it at least one step.');
  }
}

function checkStepNames(program: string, steps: readonly StepShape[]): void {
  const seen = new Set<string>();
  for (const { name } of steps) {
    if (seen.has(name)) {
      throw invalid(
        `Two steps of the program "${program}" are called "${name}", so they would share their parameters.`,
        `Name them apart: predict(signature, { name: '${name}-2' }).`,
      );
    }
    seen.add(name);
  }
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
