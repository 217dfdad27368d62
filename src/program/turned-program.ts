import { type Candidate, parameterName, parameterOf } from '../prompt/candidate.ts';
import { choicesOf, type Field } from '../signature/signature.ts';
import { predict } from './predict.ts';
import type { Program } from './program.ts';

/**
 * The same program with the choices of its last output listed the other way round: whether the place of a choice says
 * anything shows when both are asked, each with the parameters of the program. Undefined for a program of several steps, and for one that lists no choices.
 */
export function turnedProgram(
  program: Program,
): { readonly program: Program; readonly candidate: Candidate } | undefined {
  const { shape, signature, seed } = program;
  const [step, another] = shape.steps;
  const last = shape.outputs.at(-1);
  const choices = last === undefined ? undefined : choicesOf(last);
  if (step === undefined || another !== undefined || last === undefined || choices === undefined)
    return undefined;
  const turned: Field = { ...last, schema: { ...last.schema, enum: [...choices].reverse() } };
  const user = parameterOf(seed, parameterName(step.name, 'user'), 'text');
  const made = predict(
    { ...signature, outputs: [...signature.outputs.slice(0, -1), turned] },
    {
      name: step.name,
      temperature: step.temperature,
      maxOutputTokens: step.maxOutputTokens,
      ...(user !== undefined && { userTemplate: user.text }),
    },
  );
  // Only what both have: a step that may choose its model, or its temperature, is asked as its seed says.
  const known = Object.entries(seed).filter(([name]) => made.seed[name] !== undefined);
  return { program: made, candidate: Object.fromEntries(known) };
}
