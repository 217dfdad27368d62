import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import type { Workspace } from '../config/workspace.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { loadExperiment } from '../experiment/experiment-file.ts';
import { findExperiment } from '../experiment/stored-experiment.ts';

/**
 * The experiment that an argument names: a saved one by its file, else one of the store by id, name or `latest~1`.
 *
 * @throws {HoneError} `HONE_RUN_NOT_FOUND`, `HONE_FILE_UNREADABLE`.
 */
export async function openNamedExperiment(reference: string, workspace: Workspace): Promise<Experiment> {
  const path = resolve(workspace.folder, reference);
  if (/\.json$/i.test(reference)) return loadExperiment(readText(path, reference), { file: reference });
  // Looking must not make a database.
  if (!workspace.store.exists()) {
    throw new HoneError(`There is no experiment ${reference}: nothing was evaluated here yet.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: 'Run: hone eval prompt.md --data rows.csv --expected <column>',
    });
  }
  return findExperiment(workspace.store, reference);
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HoneError(`${shown} cannot be read: ${messageOf(cause)}.`, {
      code: 'HONE_FILE_UNREADABLE',
      hint: 'Name a saved experiment, or one of the store: hone experiments.',
      cause,
      facts: { file: path },
    });
  }
}
