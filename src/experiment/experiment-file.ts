import { z } from 'zod';
import { HoneError, messageOf } from '../base/errors.ts';
import { parameterSchema } from '../prompt/saved-candidate.ts';
import type { Experiment, ExperimentRow } from './experiment.ts';

/** Raised whenever older versions of Hone could not read what newer ones write. */
const schemaVersion = 1;

const score = z.union([z.number().min(0).max(1), z.enum(['lost', 'unscored'])]);
const rowSchema = z.strictObject({
  id: z.string(),
  trial: z.int().min(0),
  input: z.string(),
  group: z.string().optional(),
  scores: z.array(score),
  failed: z.boolean(),
  costUsd: z.number().optional(),
  latencyMs: z.number(),
});
const fileSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  kind: z.literal('experiment'),
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  candidate: z.string(),
  parameters: z.record(z.string(), parameterSchema).optional(),
  snapshot: z.looseObject({
    schemaVersion: z.literal(1),
    dataset: z.object({ name: z.string(), version: z.string(), rows: z.number() }),
    split: z.string(),
    scorers: z
      .array(
        z.object({ name: z.string(), version: z.string(), passFail: z.boolean(), failValue: z.number() }),
      )
      .min(1),
    scorer: z.string(),
    models: z.record(z.string(), z.string()),
    trials: z.int().min(1),
  }),
  summaries: z.array(z.looseObject({ name: z.string() })),
  usage: z.looseObject({}),
  rows: z.array(rowSchema),
});

/**
 * An experiment as a text to commit: scores of every row without what the rows say, one row a line in the order of
 * ids, so that a new baseline shows in a review as the rows that changed.
 */
export async function saveExperiment(experiment: Experiment): Promise<string> {
  const { id, name, createdAt, candidate, parameters, snapshot, summaries, usage } = experiment;
  const rows: ExperimentRow[] = [];
  for await (const row of experiment.rows()) rows.push(row);
  rows.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.trial - b.trial));
  const head = {
    schemaVersion,
    kind: 'experiment',
    id,
    name,
    createdAt,
    candidate,
    parameters,
    snapshot,
    summaries,
    usage,
  };
  const lines = rows.map(({ slice: _, ...row }) => `    ${JSON.stringify(row)}`).join(',\n');
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "rows": [\n${lines}\n  ]\n}\n`;
}

/**
 * An experiment that was saved. It has the scores of its rows, not what they say.
 *
 * @throws {HoneError} `HONE_FILE_UNREADABLE` with the place of what is wrong.
 */
export function loadExperiment(text: string, { file }: { readonly file: string }): Experiment {
  const parsed = fileSchema.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
  }
  const { rows, schemaVersion: _, kind: __, ...head } = parsed.data;
  const width = head.snapshot.scorers.length;
  const odd = rows.find(({ scores }) => scores.length !== width);
  if (odd !== undefined)
    throw unreadable(file, `the row ${odd.id} has not one score for each of ${width} scorers`);
  const seen = new Set<string>();
  for (const { id, trial } of rows) {
    const key = JSON.stringify([id, trial]);
    if (seen.has(key)) throw unreadable(file, `the row ${id} stands there twice`);
    seen.add(key);
  }
  return {
    // What the schema leaves open was written by `saveExperiment`, and is shown, never computed with.
    ...(head as unknown as Omit<Experiment, 'rows' | 'detail'>),
    async *rows() {
      yield* rows as readonly ExperimentRow[];
    },
    detail: async () => undefined,
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, messageOf(cause));
  }
}

function unreadable(file: string, what: string): HoneError {
  return new HoneError(`${file} is no saved experiment: ${what}.`, {
    code: 'HONE_FILE_UNREADABLE',
    hint: 'Write it again: hone baseline accept.',
    facts: { file },
  });
}
