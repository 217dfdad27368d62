import type { Selectable } from 'kysely';
import type { Clock } from '../base/clock.ts';
import type { ProcessTable } from './process-table.ts';
import type { RunTable } from './schema.ts';

/** How often an owner says that it lives. */
export const heartbeatMs = 5_000;
/** How long an owner elsewhere is watched before it is taken for dead: several heartbeats. */
export const watchMs = 20_000;

export type OwnerColumns = Pick<
  Selectable<RunTable>,
  'owner' | 'owner_host' | 'owner_pid' | 'owner_started' | 'owner_space' | 'heartbeat_at'
>;

/**
 * What one look says of a run's owner: there is none or its process has ended, its process lives, or it works where
 * its process cannot be seen; then only its heartbeats tell, and as clocks differ and jump, only watching them.
 */
export type OwnerState = 'gone' | 'alive' | 'elsewhere';

export function ownerState(row: OwnerColumns, processes: ProcessTable): OwnerState {
  if (row.owner === null || row.owner_pid === null) return 'gone';
  if (!isVisible(row, processes)) return 'elsewhere';
  if (!processes.isAlive(row.owner_pid)) return 'gone';
  // The number of a dead process is given to new ones; the same number with another start is another process.
  const started = processes.started(row.owner_pid);
  return started === '' || row.owner_started === '' || started === row.owner_started ? 'alive' : 'gone';
}

/** Whether the owner's process number means something here: the same host, boot and space of numbers. */
function isVisible({ owner_host: host, owner_space: space }: OwnerColumns, processes: ProcessTable): boolean {
  return host === processes.host && (!space || processes.space === '' || space === processes.space);
}

/** One look after the other at a run's owner. */
export interface OwnerWatch {
  /** What is known after this look; `elsewhere` until its heartbeats have told. */
  look(row: OwnerColumns): OwnerState;
}

/**
 * Judges an owner over several looks, without trust in the time of day: one elsewhere is alive when its heartbeat
 * has moved, and gone when it stood still for `watchMs`.
 */
export function watchOwner(clock: Clock, processes: ProcessTable): OwnerWatch {
  let first: string | undefined;
  let last: { readonly beat: string; readonly since: number } | undefined;
  return {
    look(row) {
      const state = ownerState(row, processes);
      if (state !== 'elsewhere') return state;
      const beat = `${row.owner} ${row.heartbeat_at}`;
      first ??= beat;
      if (last?.beat !== beat) last = { beat, since: clock.monotonic() };
      if (clock.monotonic() - last.since >= watchMs) return 'gone';
      return beat === first ? 'elsewhere' : 'alive';
    },
  };
}
