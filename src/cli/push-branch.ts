import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize, relative } from 'node:path';
import { promisify } from 'node:util';
import { HoneError, messageOf } from '../base/errors.ts';

const run = promisify(execFile);
const longestGitMs = 120_000;

export interface BranchChange {
  /** A folder of the repository. */
  readonly folder: string;
  readonly branch: string;
  /** What is written, by full path within the repository. */
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
}

/**
 * Commits files on a branch that starts at the commit checked out, and pushes it to `origin`, in a working tree of its
 * own: nothing in the folder changes, whatever is edited there. A branch of that name is replaced only where nobody
 * else has pushed to it meanwhile.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` outside a repository, `HONE_SERVICE_UNAVAILABLE` when git refuses.
 */
export async function pushBranch({ folder, branch, files, message }: BranchChange): Promise<void> {
  // From git's own view of the folder: its path may lead through links.
  const prefix = await git(folder, ['rev-parse', '--show-prefix']).catch((cause) => {
    throw new HoneError(`${folder} is in no git repository, so there is no branch to push.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Run it in a clone, or leave --open-pr out.',
      cause,
    });
  });
  const texts = Object.entries(files).map(([path, text]) => {
    const place = normalize(join(prefix, relative(folder, path)));
    if (!place.startsWith('..')) return [place, text] as const;
    throw new HoneError(`${path} lies outside the repository of ${folder}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Run it in the repository of the file, or leave --open-pr out.',
      facts: { file: path },
    });
  });
  const tree = mkdtempSync(join(tmpdir(), 'hone-branch-'));
  try {
    await git(folder, ['worktree', 'add', '--quiet', '--detach', tree, 'HEAD']);
    for (const [place, text] of texts) writeFileSync(join(tree, place), text);
    await git(tree, ['add', '--', ...texts.map(([place]) => place)]);
    await git(tree, [...(await authorOf(tree)), 'commit', '--quiet', '-m', message]);
    const remote = `refs/remotes/origin/${branch}`;
    await git(tree, ['fetch', '--quiet', 'origin', `+refs/heads/${branch}:${remote}`]).catch(() => undefined);
    const seen = await git(tree, ['rev-parse', '--verify', '--quiet', remote]).catch(() => '');
    const lease = `--force-with-lease=refs/heads/${branch}:${seen}`;
    await git(tree, ['push', '--quiet', lease, 'origin', `HEAD:refs/heads/${branch}`]);
  } catch (cause) {
    throw new HoneError(`The branch ${branch} could not be pushed: ${messageOf(cause)}`, {
      code: 'HONE_SERVICE_UNAVAILABLE',
      hint: 'The job needs `permissions: contents: write` and a checkout with its credentials.',
      cause,
    });
  } finally {
    await git(folder, ['worktree', 'remove', '--force', tree]).catch(() => undefined);
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Where git knows no author, as in a fresh job, the change is Hone's. */
async function authorOf(folder: string): Promise<readonly string[]> {
  const known = await git(folder, ['config', 'user.email']).catch(() => '');
  return known === '' ? ['-c', 'user.name=hone', '-c', 'user.email=hone@users.noreply.github.com'] : [];
}

async function git(folder: string, words: readonly string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', folder, ...words], { timeout: longestGitMs });
  return stdout.trim();
}
