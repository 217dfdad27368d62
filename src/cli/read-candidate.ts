import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { completeCandidate } from '../program/check-candidate.ts';
import { checkSavedTypes } from '../program/load-candidate.ts';
import type { Program } from '../program/program.ts';
import { type Candidate, defaultStep, parameterName } from '../prompt/candidate.ts';
import { readSavedCandidate } from '../prompt/saved-candidate.ts';
import { type CommandIo, writeLine } from './command-io.ts';

/**
 * Reads the parameters to run a program with; what the file leaves out, the program's seed gives.
 *
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`; `HONE_CANDIDATE_INVALID` for a file that is no candidate, or one
 *   that does not fit the program.
 */
export function readCandidate(
  file: string,
  { program, io }: { readonly program: Program; readonly io: CommandIo },
): Candidate {
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) {
    throw new HoneError(`The candidate file ${file} does not exist.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Check the path. `hone optimize` writes one beside its report.',
      facts: { file: path },
    });
  }
  const saved = readSavedCandidate(readFileSync(path, 'utf8'), { file });
  const candidate = ofThisStep(saved.candidate, program);
  if (candidate !== saved.candidate) {
    const names = Object.keys(saved.candidate).join(', ');
    writeLine(
      io.stderr,
      `note: ${file} names its step "prompt" (${names}), which is called "${defaultStep}" now: read as ${Object.keys(candidate).join(', ')}.`,
    );
  }
  const complete = completeCandidate(candidate, { program: program.shape, seed: program.seed, called: file });
  checkSavedTypes(saved, { program: program.shape, file });
  return complete;
}

/** Parameters of a step "prompt", as prompt files had them, of a program that has the same parts in its default step. */
function ofThisStep(saved: Candidate, { shape }: Program): Candidate {
  const former = parameterName('prompt', '');
  const parts = Object.keys(saved).map((name) => (name.startsWith(former) ? name.slice(former.length) : ''));
  const isMeant = parts.every((part) =>
    shape.parameters.some(({ name }) => name === parameterName(defaultStep, part)),
  );
  if (parts.length === 0 || !isMeant) return saved;
  return Object.fromEntries(
    Object.values(saved).map((parameter, index) => [
      parameterName(defaultStep, parts[index] ?? ''),
      parameter,
    ]),
  );
}
