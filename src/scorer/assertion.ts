import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';

/** Kinds that are worked out without a model. */
export const deterministicKinds = [
  'equals',
  'contains',
  'icontains',
  'contains-all',
  'contains-any',
  'icontains-all',
  'icontains-any',
  'starts-with',
  'regex',
  'is-json',
  'contains-json',
  'levenshtein',
  'word-count',
  'javascript',
] as const;

/** Kinds that a judge grades. */
export const gradedKinds = ['llm-rubric', 'g-eval', 'factuality', 'model-graded-closedqa'] as const;

/** One check of one row, as it stands in the row: JSON. */
export interface Assertion {
  /** What is checked; `assert-set` is a group of checks that counts as one. */
  readonly type: (typeof deterministicKinds)[number] | (typeof gradedKinds)[number] | 'assert-set';
  /** What it is checked against. */
  readonly value?: JsonObject[string];
  /** Whether it passes where the check does not. @default false */
  readonly not?: boolean | undefined;
  /** The least score that passes; of `levenshtein` the largest distance. */
  readonly threshold?: number | undefined;
  /** How much it counts, from 0. @default 1 */
  readonly weight?: number | undefined;
  /** Scores of one name are an objective beside the score. */
  readonly metric?: string | undefined;
  /** The functions that make something else of the answer first, by their names, one after another. */
  readonly transform?: string | readonly string[] | undefined;
  /** The checks of a group. */
  readonly assert?: readonly Assertion[] | undefined;
}

const kinds = [...deterministicKinds, ...gradedKinds, 'assert-set'] as const;

const assertionSchema: z.ZodType<Assertion> = z.lazy(() =>
  z.strictObject({
    type: z.enum(kinds),
    value: z.json().optional(),
    not: z.boolean().optional(),
    threshold: z.number().optional(),
    weight: z.number().min(0).optional(),
    metric: z.string().optional(),
    transform: z.union([z.string(), z.array(z.string())]).optional(),
    assert: z.array(assertionSchema).optional(),
  }),
);

/** The checks of a row as they stand in its column. */
export const assertionsOfRow = z.array(assertionSchema);

/** How one check came out. */
export interface Checked {
  /** From 0 to 1. */
  readonly score: number;
  readonly passes: boolean;
  /** What is wrong, where it does not pass. */
  readonly reason?: string | undefined;
}
