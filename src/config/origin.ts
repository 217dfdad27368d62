import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { GitState, Origin } from '../evaluation/snapshot.ts';

const run = promisify(execFile);
/** A repository that answers no sooner is left out: an evaluation does not wait for it. */
const longestGitMs = 3_000;

/** Where this process runs: versions, platform and the commit of the folder. Never throws. */
export async function readOrigin(folder: string): Promise<Origin> {
  const git = await readGit(folder);
  return {
    hone: honeVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    ...(git !== undefined && { git }),
  };
}

async function readGit(folder: string): Promise<GitState | undefined> {
  const ask = async (...words: readonly string[]) => {
    const { stdout } = await run('git', ['-C', folder, ...words], { timeout: longestGitMs });
    return stdout.trim();
  };
  try {
    const [commit, branch, changes] = await Promise.all([
      ask('rev-parse', 'HEAD'),
      ask('rev-parse', '--abbrev-ref', 'HEAD'),
      ask('status', '--porcelain', '--untracked-files=no'),
    ]);
    return { commit, ...(branch !== 'HEAD' && { branch }), isDirty: changes !== '' };
  } catch {
    return undefined;
  }
}

/** The package.json lies two levels up, in the sources as in the built package. */
function honeVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
