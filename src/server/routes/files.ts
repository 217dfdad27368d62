import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { z } from 'zod';
import { checked } from '../checked.ts';
import { listedPlace, listFiles, writeNewFile } from '../folder-files.ts';
import type { Setting } from '../setting.ts';
import { mappedCsv, tableView, withPasted } from '../table-view.ts';
import { asText } from '../workbook.ts';

const simpleName = z
  .string()
  .regex(/^[\w][\w.-]{0,63}$/u, 'a name has letters, digits, dots, dashes and underscores');
const oneFile = z.object({ path: z.string().min(1).max(1_000) });
const page = oneFile.extend({
  q: z.string().max(500).optional(),
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const pasted = z.object({
  text: z.string().min(1),
  format: z.enum(['csv', 'tsv', 'jsonl', 'json', 'xlsx']),
});
const table = pasted.extend({
  name: simpleName,
  /** Name in the source → name in the file; an empty one leaves the column out. */
  columns: z.record(z.string(), z.string().max(200)).default({}),
});
const prompt = z.object({ name: simpleName, text: z.string().min(1).max(2_000_000) });

/** Tables and prompts as files of the folder, so that the command line and git see them too. */
export function fileRoutes({ workspace }: Setting) {
  const { folder } = workspace;
  return new Hono()
    .get('/', (context) => context.json(listFiles(folder)))
    .get('/table', checked('query', page), async (context) => {
      const { path, ...query } = context.req.valid('query');
      return context.json(await tableView(listedPlace(folder, path, 'datasets'), query));
    })
    .get('/text', checked('query', oneFile), (context) =>
      context.json({
        text: readFileSync(listedPlace(folder, context.req.valid('query').path, 'prompts'), 'utf8'),
      }),
    )
    .post('/preview', checked('json', pasted), async (context) =>
      context.json(
        await withPasted(await asText(context.req.valid('json')), (path) =>
          tableView(path, { from: 0, limit: 8 }),
        ),
      ),
    )
    .post('/table', checked('json', table), async (context) => {
      const { name, columns, ...given } = context.req.valid('json');
      const path = `datasets/${name.replace(/\.csv$/iu, '')}.csv`;
      writeNewFile(folder, path, await withPasted(await asText(given), (place) => mappedCsv(place, columns)));
      return context.json({ path }, 201);
    })
    .post('/prompt', checked('json', prompt), (context) => {
      const { name, text } = context.req.valid('json');
      const path = `${name.replace(/\.md$/iu, '')}.md`;
      writeNewFile(folder, path, `${text.trimEnd()}\n`);
      return context.json({ path }, 201);
    });
}
