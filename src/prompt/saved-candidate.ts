import { z } from 'zod';
import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Field } from '../signature/signature.ts';
import { type Candidate, hashCandidate } from './candidate.ts';
import { demoSetSchema, offsetsSchema } from './demo-schemas.ts';

/** Raised whenever older versions of Hone could not read what newer ones write. */
export const candidateSchemaVersion = 1;

/** A parameter as it may come from a file or from code without types. */
export const parameterSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
  z.strictObject({ kind: z.literal('demos'), sets: z.array(demoSetSchema) }),
  z.strictObject({ kind: z.literal('choice'), value: z.string() }),
  z.strictObject({ kind: z.literal('number'), value: z.number() }),
  z.strictObject({ kind: z.literal('calibration'), offsets: offsetsSchema }),
]);

const field = z.object({
  name: z.string(),
  schema: z.record(z.string(), z.json()),
  description: z.string().optional(),
  optional: z.boolean().optional(),
});
const savedCandidate = z.object({
  schemaVersion: z.literal(candidateSchemaVersion),
  hash: z.string().optional(),
  program: z
    .object({
      name: z.string(),
      steps: z.array(z.object({ name: z.string(), inputs: z.array(field), outputs: z.array(field) })),
    })
    .optional(),
  provenance: z.record(z.string(), z.json()).optional(),
  candidate: z.record(z.string().min(1), parameterSchema),
});

/** The program that a candidate was made for, as far as its parameters depend on it. */
export interface SavedProgram {
  readonly name: string;
  readonly steps: readonly {
    readonly name: string;
    readonly inputs: readonly Field[];
    readonly outputs: readonly Field[];
  }[];
}

/** What stands in the file beside the parameters. */
export interface SaveCandidateOptions {
  /** The program that it was made for: its types are written down, and held against the program that loads it. */
  readonly program?: { readonly shape: SavedProgram } | undefined;
  /** Where it comes from, such as the run that found it, its verdict and its models. */
  readonly provenance?: JsonObject | undefined;
}

/** What a saved text holds. */
export interface SavedCandidate {
  readonly candidate: Candidate;
  readonly program?: SavedProgram | undefined;
  readonly provenance?: JsonObject | undefined;
}

/** A candidate as JSON text that `loadCandidate` reads back: its parameters, their hash, and what is said of them. */
export function saveCandidate(
  candidate: Candidate,
  { program, provenance }: SaveCandidateOptions = {},
): string {
  // As it is read back: a field that is undefined is left out, and does not count for the hash.
  const plain = JSON.parse(JSON.stringify(candidate)) as Candidate;
  const saved = {
    schemaVersion: candidateSchemaVersion,
    hash: hashCandidate(plain),
    ...(program && { program: plainProgram(program.shape) }),
    ...(provenance && { provenance }),
    candidate: plain,
  };
  return `${JSON.stringify(saved, null, 2)}\n`;
}

function plainProgram({ name, steps }: SavedProgram): SavedProgram {
  const plain = ({ name, schema, description, optional }: Field): Field => ({
    name,
    schema,
    ...(description !== undefined && { description }),
    ...(optional && { optional }),
  });
  return {
    name,
    steps: steps.map((step) => ({
      name: step.name,
      inputs: step.inputs.map(plain),
      outputs: step.outputs.map(plain),
    })),
  };
}

/**
 * What a saved text holds. What else stands beside it in the file is left alone.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` with the place of what is wrong, or where the parameters are not
 *   those that the hash was written for.
 */
export function readSavedCandidate(
  text: string,
  { file = 'The candidate' }: { readonly file?: string | undefined } = {},
): SavedCandidate {
  const parsed = savedCandidate.safeParse(parseJson(text, file));
  if (parsed.success) {
    checkHash(parsed.data, file);
    const { candidate, program, provenance } = parsed.data;
    return { candidate, ...(program && { program }), ...(provenance && { provenance }) };
  }
  const [issue] = parsed.error.issues;
  const path =
    issue?.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('') ?? '';
  const isVersion = issue?.path[0] === 'schemaVersion';
  throw new HoneError(
    `${file}: ${path === '' ? 'the file' : path.replace(/^\./, '')} is wrong: ${issue?.message}.`,
    {
      code: 'HONE_CANDIDATE_INVALID',
      hint: isVersion
        ? 'Read it with the version of Hone that wrote it, or update Hone.'
        : 'Correct it there, or save the candidate again.',
      facts: { file, path },
    },
  );
}

/** What is said of a candidate holds for the parameters that it was said of, and for no others. */
function checkHash(
  { hash, candidate }: { readonly hash?: string | undefined; readonly candidate: Candidate },
  file: string,
): void {
  const actual = hashCandidate(candidate);
  if (hash === undefined || hash === actual) return;
  throw new HoneError(
    `${file}: the parameters were changed after they were saved: ${hash} became ${actual}.`,
    {
      code: 'HONE_CANDIDATE_INVALID',
      hint: 'If you changed them on purpose, delete the `hash` and what `provenance` says of the former ones.',
      facts: { file, hash, actual },
    },
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new HoneError(`${file} is no JSON: ${messageOf(cause)}.`, {
      code: 'HONE_CANDIDATE_INVALID',
      hint: 'Save the candidate again.',
      cause,
      facts: { file },
    });
  }
}
