import { Hono } from 'hono';
import { z } from 'zod';
import { checked } from '../checked.ts';
import { listedPlace } from '../folder-files.ts';
import {
  promote,
  promptLines,
  promptView,
  publishRun,
  publishText,
  rollBack,
  versionView,
} from '../prompt-view.ts';
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
const version = z.object({
  name: z.string().min(1).max(64),
  message: z.string().max(2_000).default(''),
});
/** What a run asked with, or a text that is only being tried. */
const publication = z.union([
  version.extend({ run: z.string().max(200) }),
  version.extend({
    text: z.string().min(1).max(200_000),
    table: z.object({
      data: z.string().min(1).max(1_000),
      expected: z.array(z.string().max(500)).min(1),
      inputs: z.array(z.string().max(500)).min(1).optional(),
    }),
    model: z.string().min(1).max(500).optional(),
    baseUrl: z.url().optional(),
  }),
]);

/** Prompts in production: versions, channels, and what speaks for each. */
export function promptRoutes(setting: Setting) {
  return new Hono()
    .get('/', async (context) => context.json({ prompts: await promptLines(setting) }))
    .post('/', checked('json', publication), async (context) => {
      const asked = context.req.valid('json');
      if ('run' in asked) return context.json(await publishRun(setting, asked), 201);
      listedPlace(setting.workspace.folder, asked.table.data, 'datasets');
      return context.json(await publishText(setting, asked), 201);
    })
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
