import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { StoreAccess } from './access.ts';
import type { ProcessTable } from './process-table.ts';
import { newRunId } from './run-id.ts';
import { heartbeatMs, watchOwner } from './run-owner.ts';
import { toRunRecord } from './run-rows.ts';
import type { RunTable } from './schema.ts';
import { type NewRun, type RunClaim, type Runs, unfinishedStatuses } from './store.ts';
import { lockedRun, lostRun } from './store-errors.ts';
import { rowsOf, type Steps } from './transaction.ts';

/** How often an owner elsewhere is looked at while it is watched. */
const lookMs = 1_000;

/** The claims of this process on runs. */
export interface Claims extends Pick<Runs, 'open'> {
  /** Gives back every claim that is still open. */
  releaseAll(): Promise<void>;
}

type RunRow = Selectable<RunTable>;

export function createClaims(access: StoreAccess, processes: ProcessTable): Claims {
  const { db, clock } = access;
  const releases = new Set<() => Promise<void>>();

  const ownership = (token: string) => ({
    owner: token,
    owner_host: processes.host,
    owner_space: processes.space,
    owner_pid: processes.pid,
    owner_started: processes.started(processes.pid),
    heartbeat_at: clock.now(),
    status: 'active',
    updated_at: clock.now(),
  });

  function* findUnfinished(identity: string): Steps<RunRow | undefined> {
    const [row] = yield* rowsOf(
      db
        .selectFrom('runs')
        .selectAll()
        .where('identity', '=', identity)
        .where('status', 'in', unfinishedStatuses)
        .orderBy('position', 'desc')
        .limit(1),
    );
    return row;
  }

  function* create({ kind, name, identity, plan }: NewRun, token: string): Steps<RunRow> {
    for (;;) {
      const [row] = yield* rowsOf(
        db
          .insertInto('runs')
          .values({
            ...ownership(token),
            id: newRunId(kind),
            kind,
            name,
            identity,
            created_at: clock.now(),
            elapsed_ms: 0,
            plan: JSON.stringify(plan),
          })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returningAll(),
      );
      if (row !== undefined) return row;
    }
  }

  const open = async (run: NewRun): Promise<RunClaim> => {
    const token = randomUUID();
    const watch = watchOwner(clock, processes);
    for (;;) {
      const taken = await access.transact(function* () {
        const found = run.resume === false ? undefined : yield* findUnfinished(run.identity);
        if (found === undefined) return { row: yield* create(run, token), isResumed: false };
        const state = watch.look(found);
        if (state === 'alive') throw lockedRun(found);
        if (state === 'elsewhere') return undefined;
        yield* rowsOf(db.updateTable('runs').set(ownership(token)).where('id', '=', found.id));
        return { row: found, isResumed: true };
      });
      if (taken !== undefined) return hold(taken, token);
      await clock.sleep(lookMs);
    }
  };

  const hold = (
    { row, isResumed }: { readonly row: RunRow; readonly isResumed: boolean },
    token: string,
  ): RunClaim => {
    const { id } = row;
    const lost = new AbortController();
    const owned = () => db.updateTable('runs').where('id', '=', id).where('owner', '=', token);
    let beatAt = Number(row.heartbeat_at ?? 0);
    const beat = async () => {
      // A heartbeat always moves, also where the clock stands still or was set back.
      beatAt = Math.max(clock.now(), beatAt + 1);
      const { numUpdatedRows } = await owned().set({ heartbeat_at: beatAt }).executeTakeFirst();
      if (numUpdatedRows === 0n && releases.has(release)) lost.abort(lostRun(id));
    };
    // A missed beat is made up by the next one, and a store that is gone shows in the run's own writes.
    const timer = setInterval(() => void beat().catch(() => undefined), heartbeatMs);
    timer.unref();
    const release = async () => {
      if (!releases.delete(release)) return;
      clearInterval(timer);
      const nobody = {
        owner: null,
        owner_host: null,
        owner_space: null,
        owner_pid: null,
        owner_started: null,
        heartbeat_at: null,
      };
      await owned()
        .set((row) => ({
          ...nobody,
          status: row.case().when('status', '=', 'active').then('interrupted').else(row.ref('status')).end(),
        }))
        .execute();
      access.wakes.wake(id);
    };
    releases.add(release);
    return {
      runId: id,
      token,
      run: toRunRecord({ ...row, status: 'active' }),
      isResumed,
      lost: lost.signal,
      [Symbol.asyncDispose]: release,
    };
  };

  return {
    open,
    async releaseAll() {
      for (const release of [...releases]) await release();
    },
  };
}
