import { canonicalJson } from '../base/canonical-json.ts';
import { HoneError } from '../base/errors.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { readSavedCandidate, type SavedCandidate } from '../prompt/saved-candidate.ts';
import { describeValue } from '../signature/describe-field.ts';
import type { Field } from '../signature/signature.ts';
import { completeCandidate } from './check-candidate.ts';
import type { AnyProgram, ProgramShape } from './program.ts';

export interface LoadCandidateOptions {
  /** What the text is called in messages. @default 'The candidate' */
  readonly file?: string | undefined;
  /** The program that is to run with it. Left out: only the form of the file is checked. */
  readonly program?: AnyProgram | undefined;
}

/**
 * The candidate of a saved text; with a program, complete and fit for it.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` with the place of what is wrong in the file; with a program, naming the
 *   parameter that it does not have, that is of another kind, or that was made for other fields.
 */
export function loadCandidate(
  text: string,
  { file = 'The candidate', program }: LoadCandidateOptions = {},
): Candidate {
  const saved = readSavedCandidate(text, { file });
  if (program === undefined) return saved.candidate;
  const { shape, seed } = program;
  const candidate = completeCandidate(saved.candidate, { program: shape, seed, called: file });
  checkSavedTypes(saved, { program: shape, file });
  return candidate;
}

/**
 * Holds the fields that a candidate was made for against those of the program.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` naming the first parameter whose step has other fields.
 */
export function checkSavedTypes(
  { program: saved, candidate }: SavedCandidate,
  { program, file }: { readonly program: ProgramShape; readonly file: string },
): void {
  for (const step of saved?.steps ?? []) {
    const parameter = program.parameters.find(
      (spec) => spec.step === step.name && Object.hasOwn(candidate, spec.name),
    );
    const own = program.steps.find(({ name }) => name === step.name);
    if (parameter === undefined || own === undefined) continue;
    const fault =
      fieldsFault('input', step.inputs, own.inputs) ?? fieldsFault('output', step.outputs, own.outputs);
    if (fault === undefined) continue;
    throw new HoneError(`${file}: ${parameter.name} was made for another step "${step.name}": ${fault}.`, {
      code: 'HONE_CANDIDATE_INVALID',
      hint: `Load it with the program that it was made for, or optimize this one; delete \`program\` from the file to use it all the same.`,
      facts: { file, parameter: parameter.name },
    });
  }
}

/** What differs, in words; descriptions may. */
function fieldsFault(
  role: 'input' | 'output',
  saved: readonly Field[],
  own: readonly Field[],
): string | undefined {
  for (const field of saved) {
    const counterpart = own.find(({ name }) => name === field.name);
    if (counterpart === undefined) return `it had the ${role} "${field.name}", which this one does not have`;
    if (canonicalJson(typeOf(field)) !== canonicalJson(typeOf(counterpart))) {
      return `its ${role} "${field.name}" was ${describeValue(field.schema)}, and is ${describeValue(counterpart.schema)} here`;
    }
  }
  const added = own.find((field) => !field.optional && !saved.some(({ name }) => name === field.name));
  return added === undefined ? undefined : `it had no ${role} "${added.name}"`;
}

function typeOf({ schema, optional = false }: Field) {
  const { description: _, $schema: __, ...type } = schema;
  return { type, optional };
}
