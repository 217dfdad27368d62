import { Hono } from 'hono';
import { z } from 'zod';
import { checked } from '../checked.ts';
import { candidateDetail, optimizationView, reportPage } from '../optimization-view.ts';
import type { Setting } from '../setting.ts';

const anyId = z.object({ id: z.string().max(200) });
const oneCandidate = anyId.extend({ hash: z.string().max(200) });

/** An optimization: its course, and its candidates. */
export function optimizationRoutes(setting: Setting) {
  return new Hono()
    .get('/:id', checked('param', anyId), async (context) =>
      context.json(await optimizationView(setting, context.req.valid('param').id)),
    )
    .get('/:id/report.html', checked('param', anyId), async (context) => {
      const { id } = context.req.valid('param');
      return context.body(await reportPage(setting, id), 200, {
        'content-type': 'text/html; charset=utf-8',
        'content-disposition': `attachment; filename="${id.replaceAll(/[^\w-]/gu, '_')}.html"`,
      });
    })
    .get('/:id/candidates/:hash', checked('param', oneCandidate), async (context) => {
      const { id, hash } = context.req.valid('param');
      return context.json(await candidateDetail(setting, id, hash));
    });
}
