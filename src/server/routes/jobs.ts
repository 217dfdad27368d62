import { Hono } from 'hono';
import { z } from 'zod';
import { HoneError } from '../../base/errors.ts';
import { checked } from '../checked.ts';
import { listedPlace } from '../folder-files.ts';
import type { Setting } from '../setting.ts';

/** A value that cannot be taken for a flag. */
const word = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !text.startsWith('-'), 'it starts with a dash');

/** Columns stand on the command line separated by commas. */
const column = word.refine((text) => !text.includes(','), 'rename the column: its name has a comma');

const request = z.object({
  kind: z.enum(['evaluation', 'optimization']),
  prompt: word,
  data: word,
  expected: z.array(column).min(1),
  inputs: z.array(column).min(1).optional(),
  model: word.optional(),
  reflectionModel: word.optional(),
  baseUrl: z.url().optional(),
  optimizer: word.optional(),
  maxCalls: z.number().int().min(1).max(10_000_000).optional(),
  budgetUsd: z.number().min(0).max(100_000).optional(),
  maxOutputTokens: z.number().int().min(1).max(1_000_000).optional(),
  sample: z.number().int().min(1).max(10_000_000).optional(),
  trials: z.number().int().min(1).max(100).optional(),
});

/** Runs that the page starts: the same commands as in a terminal, in this process. */
export function jobRoutes({ jobs, workspace }: Setting) {
  return new Hono()
    .get('/', (context) => context.json({ jobs: jobs.list() }))
    .get('/:id', checked('param', z.object({ id: z.string().max(50) })), async (context) => {
      jobs.assign(await workspace.store.runs.list({ limit: 50 }));
      const { id } = context.req.valid('param');
      const job = jobs.read(id);
      if (job !== undefined) return context.json(job);
      throw new HoneError(`The studio knows no job ${id}: it was started anew meanwhile.`, {
        code: 'HONE_RUN_NOT_FOUND',
        hint: 'What was answered is stored; see the list of runs.',
      });
    })
    .post('/', checked('json', request), (context) => {
      const asked = context.req.valid('json');
      listedPlace(workspace.folder, asked.prompt, 'prompts');
      listedPlace(workspace.folder, asked.data, 'datasets');
      return context.json(jobs.start(asked.kind, commandOf(asked)), 201);
    });
}

function commandOf(asked: z.output<typeof request>): readonly string[] {
  const { kind, prompt, data, expected, inputs, model, reflectionModel, baseUrl, optimizer } = asked;
  const { maxCalls, budgetUsd, maxOutputTokens, sample, trials } = asked;
  const isSearch = kind === 'optimization';
  const flag = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [name, String(value)];
  return [
    isSearch ? 'optimize' : 'eval',
    prompt,
    ...flag('--data', data),
    ...flag('--expected', expected.join(',')),
    ...flag('--inputs', inputs?.join(',')),
    ...flag('--model', model),
    ...flag('--base-url', baseUrl),
    ...(isSearch ? flag('--reflection-model', reflectionModel) : []),
    ...(isSearch ? flag('--optimizer', optimizer) : []),
    ...flag('--max-output-tokens', maxOutputTokens),
    ...flag('--sample', sample),
    ...flag('--max-calls', maxCalls),
    ...flag('--budget-usd', budgetUsd),
    ...(isSearch ? [] : flag('--trials', trials)),
    '--yes',
  ];
}
