import type { Field, Signature } from '../signature/signature.ts';
import type { AnyProgram } from './program.ts';

/** The fields of several programs, each name once: needed as soon as one of them needs it. */
export function joinFields(lists: readonly (readonly Field[])[]): readonly Field[] {
  const fields = new Map<string, Field>();
  for (const field of lists.flat()) {
    const known = fields.get(field.name);
    // What one program can do without, another may need.
    if (known === undefined || (known.optional && !field.optional)) fields.set(field.name, field);
  }
  return [...fields.values()];
}

/** What programs beside each other take and give. */
export function jointSignature(programs: readonly AnyProgram[]): Signature {
  return {
    instructions: '',
    inputs: joinFields(programs.map(({ shape }) => shape.inputs)),
    outputs: joinFields(programs.map(({ shape }) => shape.outputs)),
  };
}

/** The inputs of a program, of all the values that there are. */
export function inputsOf<Value>(
  { shape }: AnyProgram,
  values: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const taken = shape.inputs.filter(({ name }) => Object.hasOwn(values, name) && values[name] !== undefined);
  return Object.fromEntries(taken.map(({ name }) => [name, values[name] as Value]));
}
