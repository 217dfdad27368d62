import { Hono } from 'hono';
import { z } from 'zod';
import { checked } from '../checked.ts';
import { experimentView } from '../experiment-view.ts';
import { csvOfRows } from '../row-csv.ts';
import { matchingRows, pageOf, rowOrders } from '../row-pages.ts';
import { rowView } from '../row-view.ts';
import type { Setting } from '../setting.ts';
import { rowStatuses } from '../views.ts';

const anyId = z.object({ id: z.string().max(200) });
const whole = z.coerce.number().int().min(0);

const statuses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(rowStatuses)));

const rowFilter = z.object({
  q: z.string().max(500).optional(),
  status: statuses.optional(),
  slice: z.string().max(500).optional(),
  sort: z.enum(rowOrders).default('failures'),
});
const rowQuery = rowFilter.extend({
  from: whole.default(0),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
const oneRow = z.object({
  row: z.string().max(2_000),
  trial: whole.default(0),
  candidate: z.string().max(200).optional(),
});

/** An evaluation: its figures, and its rows a page at a time. */
export function experimentRoutes(setting: Setting) {
  return new Hono()
    .get('/:id', checked('param', anyId), async (context) =>
      context.json(await experimentView(setting, context.req.valid('param').id)),
    )
    .get('/:id/rows', checked('param', anyId), checked('query', rowQuery), async (context) => {
      const query = context.req.valid('query');
      const index = await setting.indexes.open(context.req.valid('param').id);
      return context.json(
        index === undefined ? { total: 0, matched: 0, from: query.from, rows: [] } : pageOf(index, query),
      );
    })
    .get('/:id/rows.csv', checked('param', anyId), checked('query', rowFilter), async (context) => {
      const { id } = context.req.valid('param');
      const index = await setting.indexes.open(id);
      const rows = index === undefined ? [] : matchingRows(index.rows, context.req.valid('query'));
      return context.body(csvOfRows(rows), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${id.replaceAll(/[^\w-]/gu, '_')}.csv"`,
      });
    })
    .get('/:id/row', checked('param', anyId), checked('query', oneRow), async (context) =>
      context.json(
        await rowView(setting, { run: context.req.valid('param').id, ...context.req.valid('query') }),
      ),
    );
}
