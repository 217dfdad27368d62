import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const longestGitMs = 20_000;
/** A hash is 41 bytes: more than three million commits. */
const mostBytes = 128 * 1024 * 1024;

/**
 * The commits that a branch started from, newest first: from where `HEAD` and the base branch part, back through the
 * whole history. Empty outside a repository, or where no such base is known.
 *
 * @param baseRefs Names to try in turn, such as `origin/main`; a name that git would read as a flag is left out.
 */
export async function commitsOfBase(folder: string, baseRefs: readonly string[]): Promise<readonly string[]> {
  const ask = async (...words: readonly string[]) => {
    const { stdout } = await run('git', ['-C', folder, ...words], {
      timeout: longestGitMs,
      maxBuffer: mostBytes,
    });
    return stdout.trim();
  };
  for (const ref of baseRefs.filter((name) => !name.startsWith('-'))) {
    try {
      const base = await ask('merge-base', 'HEAD', ref);
      return (await ask('rev-list', base)).split('\n');
    } catch {
      // The next name may be known here.
    }
  }
  return [];
}
