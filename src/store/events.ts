import { onAbort } from '../base/abort.ts';
import type { JsonObject } from '../base/json.ts';
import type { StoreAccess } from './access.ts';
import type { ProcessTable } from './process-table.ts';
import { watchOwner } from './run-owner.ts';
import type { EventRecord, Events } from './store.ts';
import { unknownRun } from './store-errors.ts';

/** How often another process's run is looked at: at once after news, less often the longer there is none. */
const soonestPollMs = 100;
const latestPollMs = 1_000;

export function createEvents(access: StoreAccess, processes: ProcessTable): Events {
  const { db, append, read, clock, wakes } = access;

  const readFrom = (runId: string, from: number): Promise<readonly EventRecord[]> =>
    read(async () => {
      const rows = await db
        .selectFrom('events')
        .select(['number', 'event', 'stored_at'])
        .where('run_id', '=', runId)
        .where('number', '>=', from)
        .orderBy('number')
        .execute();
      return rows.map(({ number, event, stored_at: at }) => ({
        index: number,
        event: JSON.parse(event) as JsonObject,
        at: Number(at),
      }));
    });

  return {
    async write(owner, index, event) {
      const values = [owner.runId, index, JSON.stringify(event), clock.now()];
      await append({ table: 'events', values, owner });
      wakes.wake(owner.runId);
    },
    read: (runId, from = 0) => readFrom(runId, from),
    async *watch(runId, from = 0, { signal } = {}) {
      const owner = watchOwner(clock, processes);
      let next = from;
      let pollMs = soonestPollMs;
      let hasNews = false;
      let sleeper = new AbortController();
      const wake = () => {
        hasNews = true;
        sleeper.abort();
      };
      const stopListening = [
        wakes.listen(runId, wake),
        signal === undefined ? () => undefined : onAbort(signal, wake),
      ];
      try {
        while (!signal?.aborted) {
          // Before reading, so that nothing that happens while the reader is busy is slept through.
          hasNews = false;
          sleeper = new AbortController();
          // The run before its events: those of a run that has ended are all there.
          const run = await read(() =>
            db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst(),
          );
          if (run === undefined) throw unknownRun(runId);
          const isLast = run.status !== 'active' || owner.look(run) === 'gone';
          for (const record of await readFrom(runId, next)) {
            if (signal?.aborted) return;
            next = record.index + 1;
            pollMs = soonestPollMs;
            yield record;
          }
          if (isLast) return;
          if (hasNews) continue;
          await clock.sleep(pollMs, sleeper.signal).catch(() => undefined);
          pollMs = Math.min(latestPollMs, pollMs * 2);
        }
      } finally {
        for (const stop of stopListening) stop();
      }
    },
  };
}
