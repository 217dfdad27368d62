import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { toDataset } from '../dataset/collect.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { checkScorers } from '../scorer/check-scorers.ts';
import { type CheckingSchema, isCheckingSchema } from '../scorer/checking-schema.ts';
import { scorer as customScorer, type Judgement, type ScorerContext } from '../scorer/custom-scorer.ts';
import { type AutoevalsScorer, fromAutoevals } from '../scorer/from-autoevals.ts';
import { schemaValid } from '../scorer/schema-valid.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { DatasetFile, Defaults, Target } from './define-config.ts';

/** A row of a suite: with an id of its own, or known by its content. */
export interface SuiteRow {
  readonly id?: string | undefined;
  readonly inputs: JsonObject;
  readonly expected?: JsonObject | undefined;
  readonly metadata?: JsonObject | undefined;
  /** What the row belongs to: rows of one group count once. @default the row alone */
  readonly group?: string | undefined;
}

/** A scorer, a function of your own, a scorer of autoevals, or a Standard Schema for all outputs. */
export type SuiteScorer =
  | Scorer
  | CheckingSchema
  | AutoevalsScorer
  | ((
      context: ScorerContext<JsonObject, JsonObject, JsonObject | undefined>,
    ) => Judgement | Promise<Judgement>);

/** What a suite evaluates. */
export interface EvalSuiteOptions
  extends Pick<Defaults, 'model' | 'models' | 'budget' | 'concurrency' | 'seed'> {
  /** The rows, a function that gives them, or a file from the folder of the suite. */
  readonly data:
    | Dataset
    | readonly SuiteRow[]
    | DatasetFile
    | (() => Dataset | readonly SuiteRow[] | Promise<Dataset | readonly SuiteRow[]>);
  readonly program: NonNullable<Target['program']>;
  /** The first counts. @default exact match of the expected fields, numbers by value */
  readonly scorers?: readonly SuiteScorer[] | undefined;
  /** Independent answers for each row. @default 1 */
  readonly trials?: number | undefined;
}

/** One evaluation of a `*.eval.ts` file. */
export interface EvalSuite {
  readonly kind: 'eval-suite';
  readonly name: string;
  readonly target: Target;
}

/**
 * An evaluation that `hone eval` finds: export it from a file called `*.eval.ts` (or `.mts`, `.js`, `.mjs`).
 *
 * @param name Of its experiments; unique in its file.
 * @example
 * export default evalSuite('triage', { data: rows, program: triage, scorers: [exactMatch('category')] });
 * @throws {HoneError} `HONE_OPTION_INVALID` without a name, for what is no scorer and for two of one name.
 */
export function evalSuite(name: string, options: EvalSuiteOptions): EvalSuite {
  if (typeof name !== 'string' || name.trim() === '') {
    throw new HoneError('A suite has no name.', {
      code: 'HONE_OPTION_INVALID',
      hint: "Write evalSuite('name', { data, program, scorers }).",
    });
  }
  const { data, program, scorers, trials, ...defaults } = options;
  const made = scorers?.map((each, index) => toScorer(each, index));
  if (made !== undefined) checkScorers(made);
  return {
    kind: 'eval-suite',
    name,
    target: {
      ...defaults,
      program,
      dataset: datasetOf(name, data),
      ...(trials !== undefined && { trials }),
      ...(made !== undefined && made.length > 0 && { scorer: made }),
    },
  };
}

/** Whether a value is what `evalSuite` gives, of whichever copy of the package. */
export function isEvalSuite(value: unknown): value is EvalSuite {
  return typeof value === 'object' && value !== null && (value as Partial<EvalSuite>).kind === 'eval-suite';
}

function toScorer(given: SuiteScorer, index: number): Scorer {
  if (isCheckingSchema(given)) return schemaValid(given);
  if (typeof given !== 'function') return given;
  // Functions of autoevals take single values, and say so by this member.
  if ('partial' in given) return fromAutoevals(given as AutoevalsScorer);
  const judge = given as Parameters<typeof customScorer<JsonObject, JsonObject, JsonObject | undefined>>[1];
  return customScorer(given.name || `scorer-${index + 1}`, judge);
}

function datasetOf(name: string, data: EvalSuiteOptions['data']): Target['dataset'] {
  if (typeof data === 'function') return async () => asDataset(name, await data());
  if (isFile(data)) return data;
  return Array.isArray(data) ? () => asDataset(name, data) : (data as Dataset);
}

function isFile(data: unknown): data is DatasetFile {
  return typeof data === 'object' && data !== null && 'file' in data && !(Symbol.asyncIterator in data);
}

function asDataset(name: string, data: Dataset | readonly SuiteRow[]): Dataset {
  if (!Array.isArray(data)) return data as Dataset;
  return toDataset(
    (data as readonly SuiteRow[]).map((row) => ({
      ...row,
      id: row.id ?? hashJson([row.inputs, row.expected ?? null]).slice(0, 12),
    })),
    name,
  );
}
