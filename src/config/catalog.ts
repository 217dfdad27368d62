import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import * as optimizerExports from '../public/optimizers.ts';
import * as scorerExports from '../public/scorers.ts';
import type { JudgeOptions } from '../scorer/judge.ts';
import { regexSchema } from '../scorer/regex.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { withinLimitSchema } from '../scorer/within-limit.ts';
import type { Field } from '../signature/signature.ts';
import { withParts } from './compositions.ts';
import { findNamed, type NamedSpec, parseNamedSpec } from './named-spec.ts';

/** The fields that a scorer may compare: outputs with an expected column of the same name. */
export interface ScoredFields {
  readonly outputs: readonly Field[];
  /** Names of the expected columns. */
  readonly expected: readonly string[];
}

/** Makes an optimizer from its options. */
type OptimizerFactory = (options: Readonly<Record<string, unknown>>) => Optimizer;

/** Makes a scorer for the fields of a task. */
type ScorerFactory = (fields: ScoredFields, options: JsonObject) => Scorer;

/** Every optimizer by its name in code: the export list of `hone-ai/optimizers`. */
const optimizers = factoriesOf<OptimizerFactory>(optimizerExports);

const {
  fieldMatch,
  schemaValid,
  schemaRates,
  regex,
  unscored,
  withinLimit,
  assertions,
  // What takes other scorers, models or functions is written in code.
  scorer: _,
  defaultScorer: __,
  twoStage: ___,
  weightedSum: ____,
  fromAutoevals: _____,
  embeddingSimilarity: ______,
  rubricJudge: _______,
  judge,
  closedQa,
  relevance,
  factuality,
  faithfulness,
  contextPrecision,
  contextRecall,
  pairwiseJudge,
  fromEvalite: ________,
  // What looks at the course of a program names its tools in code.
  toolCalled: _________,
  toolNotCalled: __________,
  toolOrder: ___________,
  expectedTools: ____________,
  retrievedPassages: _____________,
  stepsUsed,
  noLoops,
  ...fieldScorers
} = scorerExports;

/** Scorers by name: the export list of `hone-ai/scorers`. Most compare one field, and so apply to each. */
const scorers: Readonly<Record<string, ScorerFactory>> = {
  ...Object.fromEntries(
    Object.entries(factoriesOf<(field: string, options: JsonObject) => Scorer>(fieldScorers)).map(
      ([name, create]) => [
        name,
        (fields: ScoredFields, options: JsonObject) => eachField(fields, (field) => create(field, options)),
      ],
    ),
  ),
  regex: (fields, options) => {
    const { pattern } = resolveOptions(regexSchema, options, { of: 'regex' });
    return eachField(fields, (field) => regex(field, pattern));
  },
  unscored: () => unscored(),
  judge: (_fields, options) => judge('judge', options as unknown as JudgeOptions),
  closedQa: (_fields, options) => closedQa(options),
  relevance: (_fields, options) => relevance(options),
  factuality: (fields, options) => ofField(fields, options, factuality),
  faithfulness: ({ outputs }, options) => faithfulness({ field: outputs.at(-1)?.name ?? '', ...options }),
  contextPrecision: (fields, options) => ofField(fields, options, contextPrecision),
  contextRecall: (fields, options) => ofField(fields, options, contextRecall),
  pairwiseJudge: (fields, options) => ofField(fields, options, pairwiseJudge),
  assertions: ({ outputs }, options) => assertions(outputs.at(-1)?.name ?? '', options),
  stepsUsed: (_fields, options) => stepsUsed(options),
  noLoops: (_fields, options) => noLoops(options),
  fieldMatch: (fields, options) => fieldMatch(comparedNames(fields), options),
  withinLimit: (_fields, given) => {
    const { measure, limit, ...options } = resolveOptions(withinLimitSchema, given, { of: 'withinLimit' });
    return withinLimit(measure, limit, options);
  },
  schemaRates: ({ outputs }, options) => schemaRates(schemaOf(outputs, options), options),
  schemaValid: ({ outputs }, options) => schemaValid(schemaOf(outputs, options), options),
};

/**
 * The optimizer of a name with optional options: `calibrate`, `bootstrap-few-shot: { demos: 4 }`.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a name that is none, naming the closest.
 */
export function createOptimizer(text: string): Optimizer {
  const { name, options } = parseNamedSpec(text);
  return optimizerOf(name, options);
}

function optimizerOf(name: string, options: JsonObject): Optimizer {
  const factory = findNamed('optimizer', name, optimizers);
  const [known = name] = Object.entries(optimizers).find(([, each]) => each === factory) ?? [];
  return factory(withParts(known, options, optimizerOf));
}

/** The names of all optimizers in code, in alphabetical order. */
export function optimizerNames(): readonly string[] {
  return Object.keys(optimizers).sort();
}

/**
 * The scorer of a name with optional options, applied to every expected field: `exact-match`,
 * `numeric: { absolute: 0.01 }`, `regex: { pattern: '^[A-Z]{2}$' }`.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a name that is none, naming the closest; `HONE_FIELD_MISSING`
 *   when no expected column is an output.
 */
export function createScorer(spec: string | NamedSpec, fields: ScoredFields): Scorer {
  const { name, options } = typeof spec === 'string' ? parseNamedSpec(spec) : spec;
  return findNamed('scorer', name, scorers)(fields, options);
}

/** Only functions of an export list are factories; types have no value. */
function factoriesOf<Factory>(exports: object): Readonly<Record<string, Factory>> {
  // What the functions take is checked by themselves: options of the right shape, or an error of theirs.
  return Object.fromEntries(
    Object.entries(exports).filter(([, value]) => typeof value === 'function'),
  ) as Record<string, Factory>;
}

function eachField(fields: ScoredFields, create: (field: string) => Scorer): Scorer {
  const made = comparedNames(fields).map(create);
  const [first, second] = made;
  return first !== undefined && second === undefined ? first : fieldMatch(made);
}

/** A scorer of one field: the one that the options name, else each that is compared. */
function ofField(
  fields: ScoredFields,
  options: JsonObject,
  create: (options: { readonly field: string }) => Scorer,
): Scorer {
  if (typeof options.field === 'string') return create({ ...options, field: options.field });
  return eachField(fields, (field) => create({ ...options, field }));
}

function comparedNames({ outputs, expected }: ScoredFields): readonly string[] {
  const names = outputs.map(({ name }) => name).filter((name) => expected.includes(name));
  if (names.length > 0) return names;
  throw new HoneError('No expected column is an output of the program, so there is nothing to compare.', {
    code: 'HONE_FIELD_MISSING',
    hint: `Expect one of ${outputs.map(({ name }) => name).join(', ')}.`,
  });
}

/** Of one output where the options name it, else of all together. */
function schemaOf(outputs: readonly Field[], { field }: JsonObject): JsonObject {
  const named = outputs.find(({ name }) => name === field);
  if (named !== undefined) return named.schema as JsonObject;
  return {
    type: 'object',
    properties: Object.fromEntries(outputs.map(({ name, schema }) => [name, schema])),
    required: outputs.filter(({ optional }) => !optional).map(({ name }) => name),
  };
}
