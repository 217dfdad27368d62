import { HoneError } from '../base/errors.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { type Candidate, hashCandidate } from '../prompt/candidate.ts';
import { completeCandidate } from './check-candidate.ts';
import { composed } from './composition.ts';
import { createProgram } from './create-program.ts';
import type { AnyProgram, Program } from './program.ts';

export interface FreezeOptions {
  /** The steps that stay as they are, by name. @default all */
  readonly steps?: readonly string[] | undefined;
  /** What they stay as. @default the program's seed */
  readonly candidate?: Candidate | undefined;
}

/**
 * The same program with the parameters of some steps fixed: no search sees or changes them, so that the other steps
 * can be optimized around them, or a finished program can stand in another one as it is.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a step that the program does not have, `HONE_CANDIDATE_INVALID` for a
 *   candidate of another program.
 */
export function freezeSteps<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  options: FreezeOptions = {},
): Program<Inputs, Outputs> {
  checkOptionNames(options, { steps: true, candidate: true }, 'freezeSteps');
  const { steps, candidate } = options;
  const inner: AnyProgram = program;
  const { shape } = inner;
  const stranger = steps?.find((step) => !shape.parameters.some((parameter) => parameter.step === step));
  if (stranger !== undefined) {
    throw new HoneError(`The program "${shape.name}" has no step "${stranger}" with parameters to freeze.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Its steps are ${[...new Set(shape.parameters.map(({ step }) => step))].join(', ')}.`,
    });
  }
  const whole = completeCandidate(candidate ?? inner.seed, { program: shape, seed: inner.seed });
  const isFrozen = (step: string) => steps === undefined || steps.includes(step);
  const fixed: Record<string, Candidate[string]> = {};
  for (const { name, step } of shape.parameters) {
    const value = whole[name];
    if (isFrozen(step) && value !== undefined) fixed[name] = value;
  }
  const parameters = shape.parameters.filter(({ step }) => !isFrozen(step));
  const { version, ...parts } = composed('frozen-1', [inner], hashCandidate(fixed));
  const completeOf = rememberWith(fixed);
  return createProgram<Inputs, Outputs>({
    ...parts,
    version,
    name: shape.name,
    signature: program.signature,
    parameters,
    seed: Object.fromEntries(parameters.map(({ name }) => [name, whole[name] as Candidate[string]])),
    calls: (given) => program.calls(completeOf(given)),
    forward: (inputs, runtime) =>
      program.forward(inputs, { ...runtime, candidate: completeOf(runtime.candidate) }),
  });
}

/** The candidate of the program inside, made once for each: it is an immutable value, and its rows are many. */
function rememberWith(fixed: Candidate): (candidate: Candidate) => Candidate {
  const known = new WeakMap<Candidate, Candidate>();
  return (candidate) => {
    const before = known.get(candidate);
    if (before !== undefined) return before;
    const whole = { ...candidate, ...fixed };
    known.set(candidate, whole);
    return whole;
  };
}
