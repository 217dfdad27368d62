import { z } from 'zod';
import { HoneError, messageOf } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { anyFunction, resolveOptions } from '../base/resolve-options.ts';
import { faultBehind } from '../program/faults.ts';
import { valueText } from '../prompt/template.ts';
import { askWith } from './ask-judge.ts';
import { type Assertion, assertionsOfRow, type Checked, gradedKinds, problemOfCheck } from './assertion.ts';
import { checkAssertion } from './check-assertion.ts';
import { missingExpectation } from './field-scorer.ts';
import { gradeAssertion } from './grade-assertion.ts';
import type { Sample, Score, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** A check in code: whether the answer passes, a score from 0 to 1, or either with a reason. */
// The answer is a text, or what a transform made of it.
// biome-ignore lint/suspicious/noExplicitAny: code that comes from elsewhere takes it as what it knows it to be.
export type AssertionFunction = (output: any, context: AssertionContext) => unknown;

/** What a check in code gets beside the answer. */
export interface AssertionContext {
  /** The inputs of the row, and what stands in its column of `variables`. */
  readonly vars: JsonObject;
  readonly exampleId: string;
}

/** What the options are checked by. */
export const assertionsSchema = z.strictObject({
  column: z
    .string()
    .min(1)
    .default('assertions')
    .describe('The expected column with the list of checks of each row.'),
  all: z
    .boolean()
    .default(false)
    .describe(
      'Whether a row counts 1 only where every check passes, else 0; else it counts their weighted mean.',
    ),
  functions: z
    .record(z.string(), anyFunction)
    .default({})
    .describe('Checks and transforms in code, by the name that a row calls them by.'),
  variables: z
    .string()
    .min(1)
    .optional()
    .describe('The expected column with variables that only functions see.')
    .meta({ defaultText: 'none' }),
  version: z.string().optional().describe('Raise it when something that a function calls changes.'),
});

export interface AssertionsOptions {
  /** The expected column with the list of checks of each row. @default 'assertions' */
  readonly column?: string | undefined;
  /**
   * Whether a row counts 1 only where every check passes, else 0; else it counts their weighted mean.
   *
   * @default false
   */
  readonly all?: boolean | undefined;
  /** Checks and transforms in code, by the name that a row calls them by. @default {} */
  readonly functions?: Readonly<Record<string, AssertionFunction>> | undefined;
  /** The expected column with variables that only functions see. @default none */
  readonly variables?: string | undefined;
  /** Raise it when something that a function calls changes. */
  readonly version?: string | undefined;
}

/**
 * Checks that differ from row to row, as promptfoo has them: each row lists its own in an expected column, such as
 * `[{ "type": "contains", "value": "Paris" }, { "type": "llm-rubric", "value": "is polite", "weight": 2 }]`. A row
 * without a list stays unscored. Graded checks ask the model of the role `judge`.
 *
 * @param field The output that is checked.
 * @throws {HoneError} When scoring, `HONE_SCORER_FAILED` for a check that cannot be made, which is never a 0.
 */
export function assertions(field: string, given: AssertionsOptions = {}): Scorer {
  const options = resolveOptions(assertionsSchema, given, { of: `assertions("${field}")` });
  const { column, all } = options;
  const functions = options.functions as Readonly<Record<string, AssertionFunction>>;
  const name = `assertions(${field})`;
  return {
    name,
    version: scorerVersion(name, { ...options }),
    passFail: all,
    givesFeedback: true,
    expects: [column],
    async score(sample) {
      const list = sample.example.expected?.[column];
      if (list === undefined || list === null) return missingExpectation(column);
      const checks = readChecks(list, { name, column, sample });
      if (checks.length === 0) return { status: 'unscored', reason: 'The row has no check.' };
      const more = options.variables === undefined ? undefined : sample.example.expected?.[options.variables];
      const vars = { ...sample.example.inputs, ...(isJsonObject(more) ? more : {}) };
      const place: Place = { name, functions, sample, vars, answer: sample.outputs[field] ?? null };
      const results = await runAll(checks, place);
      return scoreOf(results, { all });
    },
  };
}

/** A list, or the JSON of one, as a cell of a table has it. */
function readChecks(
  value: Json,
  { name, column, sample }: { readonly name: string; readonly column: string; readonly sample: Sample },
): readonly Assertion[] {
  const refuse = (problem: string) =>
    new HoneError(`Scorer "${name}" cannot read "${column}" of row ${sample.example.id}: ${problem}.`, {
      code: 'HONE_SCORER_FAILED',
      hint: 'Write a JSON list of checks, such as [{"type": "contains", "value": "Paris"}].',
      facts: { scorer: name, exampleId: sample.example.id },
    });
  let list: unknown = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch (cause) {
      throw refuse(messageOf(cause));
    }
  }
  const parsed = assertionsOfRow.safeParse(list);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

interface Place {
  readonly name: string;
  readonly functions: Readonly<Record<string, AssertionFunction>>;
  readonly sample: Sample;
  readonly vars: JsonObject;
  readonly answer: Json;
}

interface Result {
  readonly assertion: Assertion;
  readonly checked: Checked;
}

/** One after another: a judge that is asked several things of a row is asked in an order that can be replayed. */
async function runAll(checks: readonly Assertion[], place: Place): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const assertion of checks) results.push({ assertion, checked: await runOne(assertion, place) });
  return results;
}

async function runOne(assertion: Assertion, place: Place): Promise<Checked> {
  const { name, sample } = place;
  try {
    const checked = await check(assertion, place);
    if (assertion.not !== true) return checked;
    const passes = !checked.passes;
    return {
      score: 1 - checked.score,
      passes,
      ...(!passes && { reason: `The answer should not pass ${labelOfCheck(assertion)}.` }),
    };
  } catch (cause) {
    sample.signal?.throwIfAborted();
    const fault = faultBehind(cause);
    if (fault !== undefined) throw fault;
    if (HoneError.isInstance(cause)) throw cause;
    throw new HoneError(
      `Scorer "${name}" could not make the check ${labelOfCheck(assertion)} of row ${sample.example.id}: ${messageOf(cause)}`,
      {
        code: 'HONE_SCORER_FAILED',
        hint: 'Correct the check in its row, or the function that it names.',
        cause,
        facts: { scorer: name, exampleId: sample.example.id },
      },
    );
  }
}

async function check(assertion: Assertion, place: Place): Promise<Checked> {
  const { sample, name } = place;
  const problem = problemOfCheck(assertion);
  if (problem !== undefined) throw new Error(`it stands ${problem}, so it would say nothing of the answer.`);
  const { inputs, id } = sample.example;
  const context: AssertionContext = { vars: place.vars, exampleId: id };
  let { answer } = place;
  for (const transform of [assertion.transform ?? []].flat()) {
    answer = toJson(await functionOf(transform, place)(answer, context));
  }
  if (assertion.type === 'assert-set') {
    const results = await runAll(assertion.assert ?? [], { ...place, answer });
    const score = meanOf(results);
    const failing = results.filter(({ checked }) => !checked.passes);
    const passes = assertion.threshold === undefined ? failing.length === 0 : score >= assertion.threshold;
    return {
      score,
      passes,
      ...(!passes && { reason: failing.map(({ checked }) => checked.reason).join(' ') }),
    };
  }
  if (assertion.type === 'javascript') {
    const own = functionOf(valueText(assertion.value), place);
    return verdictOf(await own(answer, context), assertion);
  }
  if ((gradedKinds as readonly string[]).includes(assertion.type)) {
    const ask = askWith(name, sample);
    return gradeAssertion(assertion, { inputs, answer: valueText(answer), ask, scorer: name });
  }
  return checkAssertion(assertion, answer);
}

function toJson(value: unknown): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}

function functionOf(called: string, { functions }: Place): AssertionFunction {
  const own = Object.hasOwn(functions, called) ? functions[called] : undefined;
  if (own !== undefined) return own;
  throw new Error(
    `there is no function "${called}"; there are ${Object.keys(functions).join(', ') || 'none'}.`,
  );
}

/** What a check in code gave: true or false, a score, or an object with `pass`, `score` and `reason`. */
function verdictOf(given: unknown, { threshold }: Assertion): Checked {
  const isObject = typeof given === 'object' && given !== null;
  const { pass, score, reason } = (isObject ? given : { score: given }) as Readonly<Record<string, unknown>>;
  const number =
    typeof score === 'boolean' ? Number(score) : (score ?? (pass === undefined ? undefined : Number(pass)));
  if (typeof number !== 'number' || !(number >= 0 && number <= 1)) {
    throw new Error('the function gave neither true nor false nor a score from 0 to 1.');
  }
  const isEnough = threshold === undefined ? number > 0 : number >= threshold;
  const passes = typeof pass === 'boolean' ? pass : isEnough;
  return {
    score: passes ? number : Math.min(number, threshold ?? number),
    passes,
    ...(!passes && { reason: typeof reason === 'string' ? reason : 'A check in code does not pass.' }),
  };
}

function meanOf(results: readonly Result[]): number {
  const weights = results.map(({ assertion: { weight = 1 } }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // Checks that weigh nothing must pass all the same.
  if (total === 0) return results.every(({ checked }) => checked.passes) ? 1 : 0;
  return results.reduce((sum, { checked }, index) => sum + checked.score * (weights[index] ?? 1), 0) / total;
}

function scoreOf(results: readonly Result[], { all }: { readonly all: boolean }): Score {
  const failing = results.filter(({ checked }) => !checked.passes);
  const mean = Math.min(1, Math.max(0, meanOf(results)));
  const metrics = new Map<string, Result[]>();
  for (const result of results) {
    const { metric } = result.assertion;
    if (metric !== undefined) metrics.set(metric, [...(metrics.get(metric) ?? []), result]);
  }
  const objectives = Object.fromEntries([...metrics].map(([metric, own]) => [metric, meanOf(own)]));
  const feedback = failing
    .map(({ checked, assertion }) => checked.reason ?? labelOfCheck(assertion))
    .join(' ');
  return {
    status: 'scored',
    value: all ? Number(failing.length === 0) : mean,
    ...(feedback !== '' && { feedback }),
    ...(metrics.size > 0 && { objectives }),
  };
}

function labelOfCheck({ type, not, value }: Assertion): string {
  const shown = value === undefined ? '' : ` ${valueText(value).slice(0, 60)}`;
  return `“${not ? 'not-' : ''}${type}${shown}”`;
}
