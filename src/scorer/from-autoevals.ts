import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { anyFunction, resolveOptions } from '../base/resolve-options.ts';
import { scorer as customScorer, type Judgement, type ScorerContext } from './custom-scorer.ts';
import type { Scorer } from './scorer.ts';

/** What a scorer of autoevals gives. */
export interface AutoevalsResult {
  readonly name: string;
  /** 0 to 1; null where it does not apply. */
  readonly score: number | null;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly error?: unknown;
}

/** A scorer of autoevals, or any function of its form. */
// Their arguments differ between scorers and are theirs to check.
export type AutoevalsScorer = (args: never) => AutoevalsResult | Promise<AutoevalsResult>;

/** What the options are checked by. */
export const fromAutoevalsSchema = z.strictObject({
  field: z
    .string()
    .min(1)
    .optional()
    .describe('The output that is scored, and the expected field.')
    .meta({ defaultText: 'the only output; of several the whole, as JSON' }),
  args: anyFunction
    .optional()
    .describe('Further arguments of the scorer, from the row; in code only.')
    .meta({ allowed: 'a function', defaultText: 'none' }) as z.ZodType<FromAutoevalsOptions['args']>,
  name: z
    .string()
    .min(1)
    .optional()
    .describe('What it is called.')
    .meta({ defaultText: "the function's own name" }),
  version: z
    .string()
    .optional()
    .describe('Raise it when the package, its model or what `args` calls changes.'),
});

export interface FromAutoevalsOptions {
  /** The output that is scored, and the expected field. @default the only output; of several the whole, as JSON */
  readonly field?: string | undefined;
  /** Further arguments of the scorer, from the row; in code only. @default none */
  readonly args?:
    | ((
        row: ScorerContext<JsonObject, JsonObject, JsonObject | undefined>,
      ) => Readonly<Record<string, unknown>>)
    | undefined;
  /** What it is called. @default the function's own name */
  readonly name?: string | undefined;
  /** Raise it when the package, its model or what `args` calls changes. */
  readonly version?: string | undefined;
}

/**
 * A scorer of autoevals as it is: `fromAutoevals(Levenshtein, { field: 'answer' })`. It is called with `output`,
 * `expected` and `input`, and with what `args` adds. A score of null is not applicable, and an `error` that it gives
 * back is an error of the scorer. Those of them that ask a model do so by their own client: their calls are neither
 * counted nor limited nor stored; the judges of Hone are.
 *
 * @throws {HoneError} When scoring, `HONE_SCORER_FAILED` for what it throws or gives back as an error.
 * @see https://github.com/braintrustdata/autoevals
 */
export function fromAutoevals(evaluator: AutoevalsScorer, given: FromAutoevalsOptions = {}): Scorer {
  const {
    field,
    args,
    name = evaluator.name || 'autoevals',
    version,
  } = resolveOptions(fromAutoevalsSchema, given, { of: 'fromAutoevals' });
  const judge = async (
    row: ScorerContext<JsonObject, JsonObject, JsonObject | undefined>,
  ): Promise<Judgement> => {
    const own = {
      output: single(row.outputs, field),
      expected: row.expected === undefined ? undefined : single(row.expected, field),
      input: single(row.inputs, undefined),
    };
    const result = await evaluator({ ...own, ...args?.(row) } as never);
    if (result.error) throw result.error;
    return { score: result.score, feedback: reasonOf(result) };
  };
  return customScorer(field === undefined ? name : `${name}(${field})`, judge, {
    version: JSON.stringify([
      version ?? null,
      String(evaluator),
      args === undefined ? null : String(args),
      field ?? null,
    ]),
  });
}

/** One value as it is; several as one object. */
function single(values: JsonObject, field: string | undefined): unknown {
  if (field !== undefined) return values[field];
  const all = Object.values(values);
  return all.length === 1 ? all[0] : JSON.stringify(values);
}

function reasonOf({ metadata, score }: AutoevalsResult): string | undefined {
  if (score === 1) return undefined;
  const { rationale, reason, choice } = metadata ?? {};
  const said = [rationale, reason].find((text) => typeof text === 'string' && text !== '');
  if (typeof said === 'string') return said;
  return typeof choice === 'string' ? `It chose ${choice}.` : undefined;
}
