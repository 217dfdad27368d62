import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { z } from 'zod';
import { boardColumns } from '../board-columns.ts';
import { boardSample, variantPlan } from '../board-plan.ts';
import { runBoard } from '../board-run.ts';
import type { BoardEvent } from '../board-views.ts';
import { faultText } from '../boards.ts';
import { checked } from '../checked.ts';
import { listedPlace } from '../folder-files.ts';
import type { Setting } from '../setting.ts';

const short = z.string().min(1).max(500);
const table = z.object({
  data: z.string().min(1).max(1_000),
  expected: z.array(short).min(1).max(50),
  inputs: z.array(short).min(1).max(200).optional(),
});
const variant = z.object({
  id: z.string().regex(/^[A-F]$/u),
  text: z.string().max(200_000),
  model: short.optional(),
  baseUrl: z.url().optional(),
  maxOutputTokens: z.number().int().min(1).max(1_000_000).optional(),
});
const sample = table.extend({
  size: z.number().int().min(1).max(100),
  draw: z.number().int().min(0).max(1_000_000),
});
const plan = z.object({ table, variant });
const run = z.object({
  table,
  variants: z.array(variant).min(1).max(6),
  cells: z
    .array(z.object({ variant: variant.shape.id, row: z.string().max(500) }))
    .min(1)
    .max(600),
  maxCalls: z.number().int().min(1).max(100_000),
  budgetUsd: z.union([z.number().min(0).max(100_000), z.literal('none')]).optional(),
});
const cell = z.object({
  row: z.string().max(500),
  cluster: z.string().max(500),
  value: z.union([z.number().min(0).max(1), z.enum(['lost', 'unscored'])]),
  isFailed: z.boolean().optional(),
});
const columns = z.object({
  columns: z
    .array(
      z.object({
        variant: variant.shape.id,
        scorer: z.string().max(500),
        passFail: z.boolean(),
        cells: z.array(cell).max(100),
      }),
    )
    .min(1)
    .max(6),
  allRows: z.number().int().min(0).max(100_000_000),
});

/** Texts tried on a few rows: every request says all that it needs, and nothing but answers is stored. */
export function playgroundRoutes(setting: Setting) {
  const { boards, workspace } = setting;
  const requireTable = ({ data }: z.output<typeof table>) => listedPlace(workspace.folder, data, 'datasets');
  return new Hono()
    .post('/sample', checked('json', sample), async (context) => {
      const request = context.req.valid('json');
      requireTable(request);
      return context.json(await boardSample(setting, request));
    })
    .post('/plan', checked('json', plan), async (context) => {
      const request = context.req.valid('json');
      requireTable(request.table);
      return context.json(await variantPlan(setting, request.table, request.variant));
    })
    .post('/columns', checked('json', columns), (context) =>
      context.json({ columns: boardColumns(context.req.valid('json')) }),
    )
    .post('/run', checked('json', run), (context) => {
      const request = context.req.valid('json');
      requireTable(request.table);
      context.header('content-type', 'application/x-ndjson');
      return stream(context, async (lines) => {
        const gone = new AbortController();
        // Whoever leaves the page, or stops, pays for nothing further.
        lines.onAbort(() => gone.abort());
        const write = (event: BoardEvent) => void lines.write(`${JSON.stringify(event)}\n`);
        await boards.track(async (closing) => {
          const signal = AbortSignal.any([gone.signal, closing]);
          await runBoard(setting, request, { signal, onEvent: write }).catch((thrown) => {
            if (!signal.aborted) write({ type: 'fault', fault: faultText(thrown) });
          });
        });
      });
    });
}
