import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import type { ProcessTable } from './process-table.ts';
import { toRunRecord } from './run-rows.ts';
import type { RunTable, StoreTables } from './schema.ts';
import type { RunClaim } from './store.ts';

/** How often an owner says that it lives. */
const heartbeatMs = 15_000;
/** An owner on another host that has been silent for longer is taken for dead. */
const silenceMs = 60_000;

export interface Claims {
  claim(runId: string): Promise<RunClaim>;
  /** Gives back every claim that is still open. */
  releaseAll(): Promise<void>;
}

interface ClaimSurroundings {
  readonly db: Kysely<StoreTables>;
  readonly clock: Clock;
  readonly processes: ProcessTable;
}

/** The claims of this process on runs. */
export function createClaims({ db, clock, processes }: ClaimSurroundings): Claims {
  const { host, pid } = processes;
  const releases = new Set<() => Promise<void>>();

  const take = async (runId: string, owner: string) => {
    const row = await db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst();
    if (row === undefined) throw unknownRun(runId);
    if (isOwned(row, { processes, now: clock.now() })) throw lockedRun(row);
    // Compare and set: one statement, and whoever comes second finds another owner than the one that was read.
    const { numUpdatedRows } = await db
      .updateTable('runs')
      .set({
        owner,
        owner_host: host,
        owner_pid: pid,
        owner_started: processes.started(pid),
        heartbeat_at: clock.now(),
      })
      .where('id', '=', runId)
      .where('owner', row.owner === null ? 'is' : '=', row.owner)
      .executeTakeFirst();
    return numUpdatedRows === 1n ? toRunRecord(row) : undefined;
  };

  return {
    async claim(runId) {
      const owner = randomUUID();
      let run = await take(runId, owner);
      // Lost to another process, whose claim the next look reports; or that one has ended already.
      while (run === undefined) run = await take(runId, owner);
      const owned = () => db.updateTable('runs').where('id', '=', runId).where('owner', '=', owner);
      const beat = () => owned().set({ heartbeat_at: clock.now() }).execute();
      // A missed beat is made up by the next one, and a store that is gone shows in the run's own writes.
      const timer = setInterval(() => void beat().catch(() => undefined), heartbeatMs);
      timer.unref();
      const release = async () => {
        if (!releases.delete(release)) return;
        clearInterval(timer);
        await owned()
          .set({ owner: null, owner_host: null, owner_pid: null, owner_started: null, heartbeat_at: null })
          .execute();
      };
      releases.add(release);
      return { run, [Symbol.asyncDispose]: release };
    },
    async releaseAll() {
      for (const release of [...releases]) await release();
    },
  };
}

/** Whether a living process works on the run. */
function isOwned(
  row: Selectable<RunTable>,
  { processes, now }: { readonly processes: ProcessTable; readonly now: number },
): boolean {
  if (row.owner === null || row.owner_pid === null) return false;
  if (row.owner_host !== processes.host) return now - (row.heartbeat_at ?? 0) < silenceMs;
  if (!processes.isAlive(row.owner_pid)) return false;
  // The number of a dead process is given to new ones; the same number with another start is another process.
  const started = processes.started(row.owner_pid);
  return started === '' || row.owner_started === '' || started === row.owner_started;
}

function lockedRun({ id, owner_host: host, owner_pid: pid }: Selectable<RunTable>): HoneError {
  return new HoneError(`Run ${id} is being worked on by process ${pid} on ${host}.`, {
    code: 'HONE_RUN_LOCKED',
    hint: `Wait for it to finish, or end process ${pid} on ${host}, then resume.`,
    facts: { runId: id, pid: pid ?? undefined, host: host ?? undefined },
  });
}

/** The error for a run that the store does not have. */
export function unknownRun(runId: string): HoneError {
  return new HoneError(`There is no run ${runId} in this store.`, {
    code: 'HONE_RUN_NOT_FOUND',
    hint: 'List the runs with `hone report --list`, and check the folder.',
    facts: { runId },
  });
}
