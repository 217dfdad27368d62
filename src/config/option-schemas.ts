import { z } from 'zod';
import { anyFunction, asGiven, withMembers } from '../base/resolve-options.ts';
import type { RowRoles } from '../dataset/dataset.ts';
import type { OptimizationBudget } from '../optimizer/driver/optimize-options.ts';
import type { DatasetFile, HoneConfig, Target } from './define-config.ts';
import { cacheModes } from './environment.ts';
import type {
  EvaluateInput,
  HeadroomInput,
  OptimizeForModelsInput,
  OptimizeInput,
  ProveParityInput,
} from './library.ts';

/** One schema for every option of a type: an option without one does not compile. */
type ShapeOf<Options> = { readonly [Key in keyof Required<Options>]: z.ZodType };

/** Timers cannot wait longer than about 24 days. */
const mostMinutes = 30_000;

const limits = {
  usd: z.number().min(0).max(1_000_000).optional().describe('US dollars.'),
  calls: z.int().min(1).max(1_000_000_000).optional().describe('Calls of the task model.'),
  reflectionCalls: z.int().min(0).max(1_000_000_000).optional().describe('Calls of the reflection model.'),
  tokens: z.int().min(1).max(1_000_000_000_000).optional().describe('Tokens of all calls, in and out.'),
  minutes: z.number().positive().max(mostMinutes).optional().describe('Minutes.'),
} satisfies ShapeOf<OptimizationBudget>;

/** What an optimization may spend. */
export const budgetSchema = z.strictObject(limits);

const { reflectionCalls: _, ...evaluationLimits } = limits;
/** What an evaluation may spend. */
export const evaluationBudgetSchema = z.strictObject(evaluationLimits);

const concurrency = z.int().min(1).max(10_000).optional().describe('Most rows at once.');
const randomSeed = z
  .int()
  .min(0)
  .optional()
  .describe('Decides splits, samples and every random choice.')
  .meta({ defaultText: '1' });

const model = z.union([z.string().min(1), withMembers('a Hone model or an AI SDK model', {})]);
const name = z.string().min(1).optional();

const optimizer = withMembers('an optimizer such as auto()', {
  name: z.string().min(1),
  version: z.number(),
  options: withMembers('an object', {}),
  needs: withMembers('an object', { parameters: z.array(z.string()), labels: z.boolean() }),
  estimate: anyFunction,
  optimize: anyFunction,
});
const program = withMembers('a program, such as predict(signature("ticket -> category"))', {
  shape: withMembers('an object', { name: z.string() }),
  signature: withMembers('an object', {}),
  seed: withMembers('an object', {}),
  calls: anyFunction,
  forward: anyFunction,
  run: anyFunction,
});
const oneScorer = withMembers('a scorer, such as exactMatch("category")', {
  name: z.string().min(1),
  version: z.string(),
  passFail: z.boolean(),
  score: anyFunction,
});
const scorer = z.union([oneScorer, z.array(oneScorer).min(1)]);

const isRows = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
const rows = asGiven<Iterable<unknown>>(
  'rows: a dataset such as await loadDataset("rows.csv"), or a list of { id, inputs, expected }',
  isRows,
);
const rowsOrRoles = asGiven<Iterable<unknown> | RowRoles>(
  'rows: a dataset such as await loadDataset("rows.csv"), a list of { id, inputs, expected }, or { train, validation, test } of these',
  (value) =>
    isRows(value) ||
    (typeof value === 'object' &&
      value !== null &&
      ['train', 'validation', 'test'].every((role) => isRows((value as Record<string, unknown>)[role]))),
);
const clock = withMembers('a clock', { now: anyFunction, monotonic: anyFunction, sleep: anyFunction });
const signal = asGiven<AbortSignal>('an AbortSignal', (value) => value instanceof AbortSignal);
const store = withMembers('a store, such as await openStore()', {});
const candidate = withMembers('a candidate: parameters by name', {});

const shared = {
  program,
  dataset: rows,
  scorer,
  model: model.optional(),
  store: store.optional(),
  concurrency,
  cache: z.enum(cacheModes).optional(),
  name,
  plan: withMembers('an object', {}).optional(),
  signal: signal.optional(),
  clock: clock.optional(),
};

/** What `evaluate()` takes. */
export const evaluateSchema = z.strictObject({
  ...shared,
  candidate: candidate.optional(),
  trials: z.int().min(1).max(10_000).optional(),
  by: z.string().min(1).optional(),
  traces: z.boolean().optional(),
  split: z.string().min(1).optional(),
  models: z.record(z.string().min(1), model).optional(),
  budget: evaluationBudgetSchema.optional(),
} satisfies ShapeOf<EvaluateInput<unknown, unknown>>);

const { calls: __, ...lookLimits } = evaluationLimits;
/** What `headroom()` takes. */
export const headroomSchema = z.strictObject({
  ...shared,
  dataset: rowsOrRoles,
  calls: z.int().min(8).max(1_000_000).optional(),
  models: z.record(z.string().min(1), model).optional(),
  budget: z.strictObject(lookLimits).optional(),
  randomSeed: z.int().min(0).optional(),
} satisfies ShapeOf<HeadroomInput<unknown, unknown>>);

const stopCondition = withMembers('a stop condition, such as targetScore(0.95) or patience(20)', {
  name: z.string().min(1),
  options: withMembers('an object', {}),
  reason: z.enum(['target', 'plateau']),
  holds: anyFunction,
});

const objectives = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      direction: z.enum(['maximize', 'minimize']),
      bound: z.number().optional(),
    }),
  )
  .min(1)
  .refine((all) => all.some(({ name }) => name === 'score'), {
    error: 'the score is missing, which is what the sealed test proves.',
  });

const optimization = {
  ...shared,
  dataset: rowsOrRoles,
  optimizer: z.union([z.string().min(1), optimizer, anyFunction]).optional(),
  reflectionModel: model.optional(),
  models: z.record(z.string().min(1), model).optional(),
  objectives: objectives.optional(),
  stopWhen: z.array(stopCondition).optional(),
  evenIfSaturated: z.boolean().optional(),
  budget: budgetSchema.optional(),
  randomSeed,
  shares: z
    .tuple([z.number().positive().max(1), z.number().positive().max(1), z.number().positive().max(1)])
    .refine((shares) => Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-6, {
      error: 'the shares of train, validation and test must add up to 1.',
    })
    .optional(),
  maxCandidates: z.int().min(1).max(1_000_000).optional(),
} satisfies ShapeOf<OptimizeInput<unknown, unknown>>;

/** What `optimize()` takes. */
export const optimizeSchema = z.strictObject(optimization);

/** What `proveParity()` takes. */
export const proveParitySchema = z.strictObject({
  ...optimization,
  predecessor: model,
  report: withMembers('the report of an optimization', {}),
  margin: z.number().positive().max(1).optional(),
  parityBudget: evaluationBudgetSchema.optional(),
} satisfies ShapeOf<ProveParityInput<unknown, unknown>>);

const { model: _model, ...optimizationOfEach } = optimization;
/** What `optimizeForModels()` takes. */
export const optimizeForModelsSchema = z.strictObject({
  ...optimizationOfEach,
  taskModels: z.array(model).min(2),
} satisfies ShapeOf<OptimizeForModelsInput<unknown, unknown>>);

const defaults = {
  model: model.optional().describe('Answers the rows.').meta({ defaultText: 'the embedded local model' }),
  reflectionModel: model
    .optional()
    .describe('Answers optimizers that ask one.')
    .meta({ defaultText: 'none' }),
  models: z
    .record(z.string().min(1), model)
    .optional()
    .describe('Models of further roles: `judge`, `teacher`, and those that the program names.')
    .meta({ defaultText: 'none' }),
  objectives: objectives
    .optional()
    .describe('What counts, each { name, direction, bound }; a bound is a hard limit.')
    .meta({ defaultText: 'the score alone' }),
  stopWhen: z
    .array(stopCondition)
    .optional()
    .describe('In code: ends a search when one holds, such as targetScore(0.95) or patience(20).')
    .meta({ defaultText: 'none' }),
  budget: z
    .strictObject({ ...limits, usd: z.union([limits.usd.unwrap(), z.literal('none')]).optional() })
    .optional()
    .describe('What a run may spend, see Budget. `usd: none` is no dollar limit.')
    .meta({
      defaultText: 'on a paid model 1 USD, 2,000 calls, 200 reflection calls and 30 minutes; else no limit',
    }),
  concurrency: concurrency.meta({ defaultText: '8' }),
  seed: randomSeed,
  optimizer: z
    .union([z.string().min(1), optimizer])
    .optional()
    .describe('How to search: a name, with options where they are wanted.')
    .meta({ defaultText: 'auto' }),
};

const column = z.string().min(1);
/** Rows in a file. */
export const datasetFileSchema = z.strictObject({
  file: z
    .union([z.string().min(1), z.strictObject({ train: column, validation: column, test: column })])
    .describe(
      'The file, or { train, validation, test } with a file for each, from the folder of the config file.',
    ),
  expected: z.array(column).describe('Columns with the right answer.'),
  inputs: z
    .array(column)
    .optional()
    .describe('Columns that the prompt sees.')
    .meta({ defaultText: 'all others' }),
  id: column.optional().describe('Column that identifies a row.').meta({ defaultText: "the row's content" }),
  groupBy: column
    .optional()
    .describe('Column of what a row belongs to: rows of one group stay together.')
    .meta({ defaultText: 'none' }),
  splitColumn: column
    .optional()
    .describe('Column that says train, validation or test.')
    .meta({ defaultText: 'Hone divides the rows' }),
  allowLeaks: z
    .boolean()
    .optional()
    .describe('Whether the test may hold copies of rows that the search sees.')
    .meta({ defaultText: 'false' }),
  delimiter: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('What stands between the values of a CSV or TSV file.')
    .meta({ defaultText: 'what the file looks like' }),
  missingAsEmpty: z
    .boolean()
    .optional()
    .describe('Whether an input that a row lacks is an empty text.')
    .meta({ defaultText: 'false' }),
} satisfies ShapeOf<DatasetFile>);

/** One task of a config file. */
export const targetSchema = z
  .strictObject({
    ...defaults,
    program: program.optional().describe('A program in code; or give `prompt`.'),
    prompt: z
      .string()
      .min(1)
      .optional()
      .describe('A prompt file, from the folder of the config file; or give `program`.'),
    dataset: z
      .union([datasetFileSchema, rows, anyFunction])
      .describe('The rows: a file with its columns (see below); in code also a dataset or a function.'),
    scorer: z
      .union([z.string().min(1), scorer])
      .optional()
      .describe('How an answer is judged: a name, with options where they are wanted.')
      .meta({ defaultText: 'exact match of the expected fields, numbers by value' }),
    trials: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Independent answers for each row in `hone eval`.')
      .meta({ defaultText: '1' }),
  } satisfies ShapeOf<Target>)
  .refine((target) => (target.program === undefined) !== (target.prompt === undefined), {
    error: 'give either `program` or `prompt`.',
  });

/** The whole config file. */
export const configSchema = z.strictObject({
  ...defaults,
  cache: z
    .enum(cacheModes)
    .optional()
    .describe('Whether stored answers are read and new ones stored.')
    .meta({ defaultText: 'on' }),
  targets: z
    .record(z.string(), targetSchema)
    .optional()
    .describe('Tasks by name, for `hone eval <name>` and `hone optimize <name>`.'),
} satisfies ShapeOf<HoneConfig>);
