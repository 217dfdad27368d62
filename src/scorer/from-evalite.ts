import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import { fromAutoevals } from './from-autoevals.ts';
import type { Scorer } from './scorer.ts';

/** A scorer as evalite takes it: what its `createScorer` makes, a function, or `{ name, scorer }`. */
export type EvaliteScorer =
  // Their inputs differ from scorer to scorer and are theirs to check.
  ((input: never) => unknown) | { readonly name: string; readonly scorer: (input: never) => unknown };

/** What the options are checked by. */
export const fromEvaliteSchema = z.strictObject({
  field: z
    .string()
    .min(1)
    .optional()
    .describe('The output that is scored, and the expected field.')
    .meta({ defaultText: 'the only output; of several the whole, as JSON' }),
  name: z.string().min(1).optional().describe('What it is called.').meta({ defaultText: 'its own name' }),
  version: z.string().optional().describe('Raise it when something that the scorer calls changes.'),
});

export interface FromEvaliteOptions {
  /** The output that is scored, and the expected field. @default the only output; of several the whole, as JSON */
  readonly field?: string | undefined;
  /** What it is called. @default its own name */
  readonly name?: string | undefined;
  /** Raise it when something that the scorer calls changes. */
  readonly version?: string | undefined;
}

/**
 * A scorer of evalite as it is: it is called with `input`, `output` and `expected`, and gives a number, or an object
 * with `score` and perhaps `metadata`. Models that it asks are its own: their calls are neither counted nor stored.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no scorer, or has no name. When scoring, `HONE_SCORER_FAILED`
 *   for what it throws, and for what is no score from 0 to 1.
 * @see https://github.com/mattpocock/evalite
 */
export function fromEvalite(theirs: EvaliteScorer, given: FromEvaliteOptions = {}): Scorer {
  const options = resolveOptions(fromEvaliteSchema, given, { of: 'fromEvalite' });
  const judge = typeof theirs === 'function' ? theirs : theirs?.scorer;
  const name = options.name ?? theirs?.name;
  if (typeof judge !== 'function' || !name) {
    throw new HoneError(
      typeof judge === 'function' ? 'This scorer has no name.' : 'This is no scorer of evalite.',
      {
        code: 'HONE_OPTION_INVALID',
        hint: "Give a function or { name, scorer }; a name with fromEvalite(theirs, { name: 'short' }).",
      },
    );
  }
  const { field, version } = options;
  return fromAutoevals(
    async (row: never) => {
      const result = await judge(row);
      const isObject = typeof result === 'object' && result !== null;
      const { score, metadata } = (isObject ? result : { score: result }) as {
        score: number;
        metadata?: unknown;
      };
      const words =
        typeof metadata === 'string' ? { reason: metadata } : (metadata as Record<string, unknown>);
      return { name, score, metadata: words };
    },
    { name, field, version: JSON.stringify([version ?? null, String(judge)]) },
  );
}
