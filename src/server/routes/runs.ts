import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { checked } from '../checked.ts';
import { readRun } from '../experiment-view.ts';
import { channelsByCandidate, runLine } from '../run-lines.ts';
import type { Setting } from '../setting.ts';
import type { RunList } from '../views.ts';

const mostRuns = 200;
/** A comment now and then, so that a connection that is gone is noticed on either side. */
const heartbeatMs = 15_000;

const anyId = z.object({ id: z.string().max(200) });

/** Evaluations and optimizations, newest first; their events as they come. */
export function runRoutes(setting: Setting) {
  const { workspace, jobs, clock } = setting;
  return new Hono()
    .get('/', async (context) => {
      const found = await workspace.store.runs.list({ limit: mostRuns + 1 });
      jobs.assign(found);
      const channels = await channelsByCandidate(setting.registry);
      const runs = await Promise.all(
        found.slice(0, mostRuns).map((record) => runLine(record, { setting, channels })),
      );
      return context.json({ runs, isCut: found.length > mostRuns } satisfies RunList);
    })
    .get('/:id', checked('param', anyId), async (context) => {
      const record = await readRun(setting, context.req.valid('param').id);
      const channels = await channelsByCandidate(setting.registry);
      return context.json(await runLine(record, { setting, channels }));
    })
    .post('/:id/stop', checked('param', anyId), async (context) => {
      const { id } = context.req.valid('param');
      jobs.assign(await workspace.store.runs.list({ limit: 50 }));
      jobs.stop(id);
      return context.json({ id, status: 'stopping' as const });
    })
    .get('/:id/events', checked('param', anyId), async (context) => {
      const { id } = context.req.valid('param');
      await readRun(setting, id);
      const last = z.coerce.number().int().min(0).safeParse(context.req.header('last-event-id'));
      return streamSSE(context, async (stream) => {
        const gone = new AbortController();
        stream.onAbort(() => gone.abort());
        const beat = async () => {
          while (!gone.signal.aborted) {
            await clock.sleep(heartbeatMs, gone.signal);
            await stream.write(': still here\n\n');
          }
        };
        beat().catch(() => undefined);
        const from = last.success ? last.data + 1 : 0;
        const { signal } = gone;
        for await (const record of workspace.store.events.watch(id, from, { signal })) {
          await stream.writeSSE({
            id: String(record.index),
            event: 'run-event',
            data: JSON.stringify(record),
            retry: 1_000,
          });
        }
        if (!signal.aborted) await stream.writeSSE({ event: 'run-end', data: id });
        gone.abort();
      });
    });
}
