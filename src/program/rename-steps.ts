import { HoneError } from '../base/errors.ts';
import { type Candidate, parameterName } from '../prompt/candidate.ts';
import { composed } from './composition.ts';
import { createProgram } from './create-program.ts';
import type { AnyProgram, Program } from './program.ts';
import type { Trace } from './trace.ts';

/**
 * The same program with other names for its steps, and so for their parameters: two alike programs can then stand
 * in one program without sharing them.
 *
 * @param names A text before every name (`second` makes `second-answer` of `answer`), or new names by old ones.
 * @throws {HoneError} `HONE_OPTION_INVALID` for an old name that no step has, or two steps of one new name.
 */
export function renameSteps<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  names: string | Readonly<Record<string, string>>,
): Program<Inputs, Outputs> {
  const inner: AnyProgram = program;
  const old = [
    ...new Set(
      [...inner.shape.steps, ...inner.shape.parameters.map(({ step }) => ({ name: step }))].map(
        ({ name }) => name,
      ),
    ),
  ];
  checkNames(inner.shape.name, old, names);
  const newName = (step: string) =>
    typeof names === 'string'
      ? `${names}-${step}`
      : Object.hasOwn(names, step)
        ? (names[step] ?? step)
        : step;
  const parameters = inner.shape.parameters.map((spec) => ({
    ...spec,
    step: newName(spec.step),
    name: parameterName(newName(spec.step), spec.part),
  }));
  const pairs = inner.shape.parameters.map(
    ({ name }, index) => [name, parameters[index]?.name ?? name] as const,
  );
  const innerOf = rememberPart(pairs);
  const outerTrace = (trace: Trace): Trace =>
    trace.map((step) => (step.kind === 'predict' ? { ...step, step: newName(step.step) } : step));
  return createProgram<Inputs, Outputs>({
    name: inner.shape.name,
    version: composed('renamed-1', [inner], old.map(newName)).version,
    signature: program.signature,
    models: program.models,
    steps: inner.shape.steps.map((step) => ({ ...step, name: newName(step.name) })),
    parameters,
    seed: Object.fromEntries(
      pairs.flatMap(([from, to]) => {
        const value = inner.seed[from];
        return value === undefined ? [] : [[to, value] as const];
      }),
    ),
    calls: (candidate) => program.calls(innerOf(candidate)),
    forward: async (inputs, runtime) => {
      const { around } = runtime;
      const prediction = await program.forward(inputs, {
        ...runtime,
        candidate: innerOf(runtime.candidate),
        ...(around !== undefined && {
          around: (model, asked) => around(model, { ...asked, step: newName(asked.step) }),
        }),
      });
      const trace = outerTrace(prediction.trace);
      if (prediction.status === 'completed' || prediction.step === undefined) return { ...prediction, trace };
      return { ...prediction, step: newName(prediction.step), trace };
    },
  });
}

/** The candidate of the program inside, made once for each: it is an immutable value, and its rows are many. */
function rememberPart(pairs: readonly (readonly [string, string])[]): (candidate: Candidate) => Candidate {
  const known = new WeakMap<Candidate, Candidate>();
  return (candidate) => {
    const before = known.get(candidate);
    if (before !== undefined) return before;
    const part: Record<string, Candidate[string]> = {};
    for (const [inside, outside] of pairs) {
      const value = candidate[outside];
      if (value !== undefined) part[inside] = value;
    }
    known.set(candidate, part);
    return part;
  };
}

function checkNames(
  program: string,
  old: readonly string[],
  names: string | Readonly<Record<string, string>>,
): void {
  if (typeof names === 'string') return;
  const stranger = Object.keys(names).find((name) => !old.includes(name));
  if (stranger === undefined) return;
  throw new HoneError(`The program "${program}" has no step "${stranger}" to rename.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Its steps are ${old.join(', ')}.`,
  });
}
