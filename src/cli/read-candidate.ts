import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import type { Program } from '../program/program.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { loadCandidate } from '../prompt/saved-candidate.ts';

/**
 * Reads the parameters to run a program with.
 *
 * @throws {HoneError} `HONE_FILE_NOT_FOUND`; `HONE_CANDIDATE_INVALID` for a file that is no candidate, or one
 *   with parameters that the program does not have.
 */
export function readCandidate(file: string, program: Program, folder: string): Candidate {
  const path = resolve(folder, file);
  if (!existsSync(path)) {
    throw new HoneError(`The candidate file ${file} does not exist.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Check the path. `hone optimize` writes one beside its report.',
      facts: { file: path },
    });
  }
  const candidate = loadCandidate(readFileSync(path, 'utf8'), { file });
  const unknown = Object.keys(candidate).filter((name) => !Object.hasOwn(program.seed, name));
  if (unknown.length === 0) return candidate;
  throw new HoneError(`${file} has parameters that the program does not have: ${unknown.join(', ')}.`, {
    code: 'HONE_CANDIDATE_INVALID',
    hint: `Use a candidate of the same program; its parameters are ${Object.keys(program.seed).join(', ')}.`,
    facts: { file: path },
  });
}
