import { readSnapshot } from '../evaluation/snapshot.ts';
import type { RunRecord } from '../store/store.ts';

/**
 * The newest experiment of the nearest commit, however far back: of runs by the same name that ran on a clean tree.
 *
 * @param commits From the merge base backwards through the whole history.
 * @param runs Newest first.
 */
export function baselineInHistory(
  runs: readonly RunRecord[],
  {
    commits,
    name,
    except,
  }: { readonly commits: readonly string[]; readonly name: string; readonly except: string },
): RunRecord | undefined {
  const newest = new Map<string, RunRecord>();
  for (const run of runs) {
    const git = readSnapshot(run.snapshot)?.origin?.git;
    if (git === undefined || git.isDirty || run.name !== name || run.id === except) continue;
    if (!newest.has(git.commit)) newest.set(git.commit, run);
  }
  for (const commit of commits) {
    const run = newest.get(commit);
    if (run !== undefined) return run;
  }
  return undefined;
}
