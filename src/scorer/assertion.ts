import { z } from 'zod';
import { messageOf } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { valueText } from '../prompt/template.ts';
import { schemaIssues } from '../signature/json-schema.ts';
import type { JsonSchema } from '../signature/signature.ts';

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

const needingText: ReadonlySet<string> = new Set([
  'contains',
  'icontains',
  'starts-with',
  'regex',
  ...gradedKinds,
]);
const needingList = new Set(['contains-all', 'contains-any', 'icontains-all', 'icontains-any']);
const needingValue = new Set(['equals', 'levenshtein', 'word-count', 'javascript']);

/**
 * Why a check could not fail, or cannot be made: without what it is checked against, every answer would pass.
 *
 * @returns Words that follow the kind of the check; undefined for a check that is whole.
 */
export function problemOfCheck({ type, value, assert = [] }: Assertion): string | undefined {
  const isNone = value === undefined || value === null;
  if (type === 'assert-set') return assert.length === 0 ? 'without checks' : undefined;
  if (isNone && (needingText.has(type) || needingList.has(type) || needingValue.has(type)))
    return 'without a value';
  const texts = Array.isArray(value) ? value : [value];
  if (needingText.has(type) && texts.every((text) => text === '' || text === undefined))
    return 'with an empty value';
  if (needingList.has(type) && partsOf(value).length === 0) return 'with an empty list';
  if (/-json$/.test(type) && !isNone) {
    const problem = problemOfSchema(value);
    if (problem !== undefined) return problem;
  }
  const limits = type === 'word-count' && isJsonObject(value) ? Object.keys(value) : undefined;
  const isLimit = limits?.some((key) => key === 'min' || key === 'max') ?? true;
  return isLimit ? undefined : 'without min and max';
}

function problemOfSchema(value: Json | undefined): string | undefined {
  const schema = schemaOfCheck(value);
  if (schema === undefined) return 'with a value that is no JSON Schema';
  try {
    schemaIssues(null, schema);
    return undefined;
  } catch (cause) {
    return `with a JSON Schema that cannot be checked (${messageOf(cause)})`;
  }
}

/** The parts of a list, or of a text with commas between them; one that is empty would be in every answer. */
export function partsOf(value: Json | undefined): readonly string[] {
  const parts = Array.isArray(value)
    ? value.map((part: Json) => valueText(part))
    : valueText(value).split(',');
  return (Array.isArray(value) ? parts : parts.map((part) => part.trim())).filter((part) => part !== '');
}

/** The JSON Schema of a check, also as the text of one. */
export function schemaOfCheck(value: Json | undefined): JsonSchema | undefined {
  if (typeof value !== 'string') return isJsonObject(value) ? value : undefined;
  try {
    const read: unknown = JSON.parse(value);
    return isJsonObject(read) ? (read as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

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
