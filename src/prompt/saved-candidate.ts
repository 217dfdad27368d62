import { z } from 'zod';
import { HoneError, messageOf } from '../base/errors.ts';
import type { Candidate } from './candidate.ts';
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
const savedCandidate = z.object({
  schemaVersion: z.literal(candidateSchemaVersion),
  candidate: z.record(z.string().min(1), parameterSchema),
});

/** A candidate as JSON text that `loadCandidate` reads back. */
export function saveCandidate(candidate: Candidate): string {
  return `${JSON.stringify({ schemaVersion: candidateSchemaVersion, candidate }, null, 2)}\n`;
}

/**
 * The candidate of a saved text. What stands beside it in the file is left alone.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` with the place of what is wrong.
 */
export function loadCandidate(
  text: string,
  { file = 'The candidate' }: { readonly file?: string | undefined } = {},
): Candidate {
  const parsed = savedCandidate.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data.candidate;
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

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HoneError(`${file} is no JSON: ${messageOf(cause)}.`, {
      code: 'HONE_CANDIDATE_INVALID',
      hint: 'Save the candidate again.',
      cause,
      facts: { file },
    });
  }
}
