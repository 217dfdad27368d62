import { Hono } from 'hono';
import { z } from 'zod';
import { checked } from '../checked.ts';
import { promote, promptLines, promptView, publishRun, rollBack, versionView } from '../prompt-view.ts';
import type { Setting } from '../setting.ts';

const anyName = z.object({ name: z.string().max(64) });
const oneVersion = anyName.extend({ version: z.coerce.number().int().min(1) });
const other = z.object({ against: z.coerce.number().int().min(1).optional() });
const move = z.object({
  channel: z.string().min(1).max(64),
  from: z.number().int().min(1).optional(),
  reason: z.string().max(2_000).default(''),
});
const promotion = move.extend({ version: z.number().int().min(1) });
const publication = z.object({
  name: z.string().min(1).max(64),
  run: z.string().max(200),
  message: z.string().max(2_000).default(''),
});

/** Prompts in production: versions, channels, and what speaks for each. */
export function promptRoutes(setting: Setting) {
  return new Hono()
    .get('/', async (context) => context.json({ prompts: await promptLines(setting) }))
    .post('/', checked('json', publication), async (context) =>
      context.json(await publishRun(setting, context.req.valid('json')), 201),
    )
    .get('/:name', checked('param', anyName), async (context) =>
      context.json(await promptView(setting, context.req.valid('param').name)),
    )
    .get('/:name/versions/:version', checked('param', oneVersion), checked('query', other), async (context) =>
      context.json(
        await versionView(setting, { ...context.req.valid('param'), ...context.req.valid('query') }),
      ),
    )
    .post('/:name/promote', checked('param', anyName), checked('json', promotion), async (context) =>
      context.json(await promote(setting, { ...context.req.valid('param'), ...context.req.valid('json') })),
    )
    .post('/:name/rollback', checked('param', anyName), checked('json', move), async (context) =>
      context.json(await rollBack(setting, { ...context.req.valid('param'), ...context.req.valid('json') })),
    );
}
