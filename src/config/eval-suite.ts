import { shown } from '../base/check-members.ts';
import { closestMatch } from '../base/closest-match.ts';
import { HoneError, messageOf } from '../base/errors.ts';
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
 * @throws {HoneError} `HONE_OPTION_INVALID` without a name, data or a program, for an option that there is not, for what
 * is no scorer and for two of one name.
 */
export function evalSuite(name: string, options: EvalSuiteOptions): EvalSuite {
  if (typeof name !== 'string' || name.trim() === '') {
    throw new HoneError('A suite has no name.', {
      code: 'HONE_OPTION_INVALID',
      hint: "Write evalSuite('name', { data, program, scorers }).",
    });
  }
  checkOptions(name, options);
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

const optionNames = [
  'data',
  'program',
  'scorers',
  'trials',
  'model',
  'models',
  'budget',
  'concurrency',
  'seed',
] as const satisfies readonly (keyof EvalSuiteOptions)[];

function checkOptions(name: string, options: EvalSuiteOptions): void {
  const refuse = (message: string, hint: string) =>
    new HoneError(`The suite "${name}" ${message}.`, { code: 'HONE_OPTION_INVALID', hint });
  const unknown = unknownName(options, optionNames);
  if (unknown !== undefined) throw refuse(`has no option “${unknown.name}”`, unknown.hint);
  if (options?.data === undefined) throw refuse('has no data', 'Give rows, a dataset, a function or a file.');
  if (options.program === undefined)
    throw refuse('has no program', "Give one, such as predict(signature('…')).");
}

/** The first member that is none of these, and what may be meant. */
function unknownName(given: object | undefined, known: readonly string[]) {
  const name = Object.keys(given ?? {}).find((each) => !known.includes(each));
  if (name === undefined) return undefined;
  const meant = closestMatch(name, known);
  return { name, hint: meant === undefined ? `There is ${known.join(', ')}.` : `Did you mean “${meant}”?` };
}

function datasetOf(name: string, data: EvalSuiteOptions['data']): Target['dataset'] {
  if (typeof data === 'function') return async () => asDataset(name, await called(name, data));
  if (isFile(data)) return data;
  return Array.isArray(data) ? () => asDataset(name, data) : (data as Dataset);
}

async function called(name: string, data: () => unknown): Promise<Dataset | readonly SuiteRow[]> {
  let found: unknown;
  try {
    found = await data();
  } catch (cause) {
    if (HoneError.isInstance(cause)) throw cause;
    throw unusable(`The data function of the suite "${name}" threw: ${messageOf(cause)}`, { cause });
  }
  const isDataset = typeof found === 'object' && found !== null && Symbol.asyncIterator in found;
  if (Array.isArray(found) || isDataset) return found as Dataset | readonly SuiteRow[];
  throw unusable(
    `The data function of the suite "${name}" gave ${shown(found)}, and must give rows or a dataset.`,
  );
}

function isFile(data: unknown): data is DatasetFile {
  return typeof data === 'object' && data !== null && 'file' in data && !(Symbol.asyncIterator in data);
}

const rowNames = [
  'id',
  'inputs',
  'expected',
  'metadata',
  'group',
] as const satisfies readonly (keyof SuiteRow)[];

function asDataset(name: string, data: Dataset | readonly SuiteRow[]): Dataset {
  if (!Array.isArray(data)) return data as Dataset;
  return toDataset(
    (data as readonly SuiteRow[]).map((row, index) => {
      const place = `Row ${index + 1} of the suite "${name}"`;
      if (typeof row !== 'object' || row === null || Array.isArray(row))
        throw unusable(`${place} is ${shown(row)}, and must be { inputs, expected }.`);
      const unknown = unknownName(row, rowNames);
      if (unknown !== undefined)
        throw unusable(`${place} has a member “${unknown.name}”, which would be ignored.`, unknown);
      return { ...row, id: row.id ?? hashJson([row.inputs, row.expected ?? null]).slice(0, 12) };
    }),
    name,
  );
}

function unusable(
  message: string,
  {
    cause,
    hint = 'Give a list of { inputs, expected }, or a dataset such as that of loadDataset.',
  }: { readonly cause?: unknown; readonly hint?: string } = {},
): HoneError {
  return new HoneError(message, { code: 'HONE_DATASET_INVALID', hint, cause });
}
