import { Hono } from 'hono';
import { z } from 'zod';
import { comparisonCsv } from '../../report/comparison-csv.ts';
import { renderComparisonAsHtml } from '../../report/comparison-html.ts';
import { renderComparisonAsMarkdown } from '../../report/comparison-markdown.ts';
import { checked } from '../checked.ts';
import { compareView, flipPage } from '../compare-view.ts';
import { flipKinds } from '../compare-views.ts';
import { evidenceOf } from '../evidence.ts';
import type { Setting } from '../setting.ts';

const list = z.string().transform((text) => text.split(',').filter((part) => part !== ''));

const sides = z.object({
  a: z.string().min(1).max(200),
  b: list.pipe(z.array(z.string().max(200)).min(1).max(7)),
  by: z.string().max(200).optional(),
});
const flips = sides.extend({
  show: list.pipe(z.array(z.enum(flipKinds))).default([...flipKinds]),
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});

const exported = sides.extend({ as: z.enum(['html', 'csv']) });

/** Experiments side by side. */
export function comparisonRoutes(setting: Setting) {
  return new Hono()
    .get('/', checked('query', sides), async (context) => {
      const { a, b, by } = context.req.valid('query');
      return context.json(await compareView(setting, { baseline: a, challengers: b, by }));
    })
    .get('/rows', checked('query', flips), async (context) => {
      const { a, b, ...rest } = context.req.valid('query');
      return context.json(await flipPage(setting, { baseline: a, challengers: b, ...rest }));
    })
    .get('/evidence', checked('query', sides), async (context) => {
      const { a, b } = context.req.valid('query');
      const [comparison] = await setting.comparisons.compare({ baseline: a, challengers: b });
      const [first] = comparison?.scores ?? [];
      return context.json(
        first === undefined
          ? {
              state: 'not-comparable' as const,
              rows: 0,
              reason: 'No scorer in common',
              spoken: 'not comparable',
            }
          : evidenceOf(first),
      );
    })
    .get('/export', checked('query', exported), async (context) => {
      const { a, b, as } = context.req.valid('query');
      const comparisons = await setting.comparisons.compare({ baseline: a, challengers: b });
      const [text, type] =
        as === 'html'
          ? [
              renderComparisonAsHtml(
                comparisons.map((comparison) => ({
                  comparison,
                  shown: [],
                  selected: comparison.rows.length,
                })),
              ),
              'text/html; charset=utf-8',
            ]
          : [[...comparisonCsv(comparisons)].join(''), 'text/csv; charset=utf-8'];
      return context.body(text, 200, {
        'content-type': type,
        'content-disposition': `attachment; filename="comparison.${as}"`,
      });
    })
    .get('/markdown', checked('query', sides), async (context) => {
      const { a, b } = context.req.valid('query');
      const comparisons = await setting.comparisons.compare({ baseline: a, challengers: b });
      const texts = comparisons.map((comparison) =>
        renderComparisonAsMarkdown({ comparison, shown: [], selected: 0 }),
      );
      return context.json({ markdown: texts.join('\n---\n\n') });
    });
}
