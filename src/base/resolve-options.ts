import { z } from 'zod';
import { allowedValues, type OptionSchema, optionNames, receivedValue, schemaAt } from './allowed-values.ts';
import { closestMatch } from './closest-match.ts';
import { HoneError } from './errors.ts';
import { unknownOption } from './option-names.ts';

export interface ResolveOptionsSetting {
  /** What the options are of, as its user calls it: `labeledFewShot`, `hone.config.ts`. */
  readonly of: string;
}

/**
 * The one way in which options are checked: the given ones with every default written out. Objects and
 * functions that a schema takes as they are come back as they are.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for an unknown name (with the nearest known one), a wrong type or a
 *   number out of range: the place, the received value and what is allowed.
 */
export function resolveOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: unknown,
  { of }: ResolveOptionsSetting,
): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidOption(issue === undefined ? [] : deepest(issue), {
    of,
    options,
    schema: describeOptions(schema),
  });
}

/** What a schema says of its options, for messages and for the reference. */
export function describeOptions(schema: z.ZodType): OptionSchema {
  return z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as OptionSchema;
}

/**
 * A value that is taken as it is, never copied: a function, a model.
 *
 * @param allowed In words that follow "must be".
 */
export function asGiven<Value>(allowed: string, isOne: (value: unknown) => boolean): z.ZodType<Value, Value> {
  return z.custom<Value>(isOne).meta({ allowed });
}

/**
 * An object that is taken as it is and must have certain members.
 *
 * @param allowed In words that follow "must be".
 */
export function withMembers<Value>(
  allowed: string,
  members: Readonly<Record<string, z.ZodType>>,
): z.ZodType<Value, Value> {
  const shape = z.looseObject(members);
  return z
    .custom<Value>()
    .superRefine((value, context) => {
      const issues = shape.safeParse(value).error?.issues ?? [];
      for (const { path } of issues.slice(0, 1)) {
        // Of the whole value the schema around it may allow more.
        const wanted = path.length === 0 ? undefined : allowedValues(schemaAt(describeOptions(shape), path));
        context.addIssue({ code: 'custom', path: [...path], params: { allowed: wanted, whole: allowed } });
      }
    })
    .meta({ allowed });
}

/** Any function. */
export const anyFunction = asGiven<(...values: never[]) => unknown>(
  'a function',
  (value) => typeof value === 'function',
);

/** A part of a path with the issue that stands there: the last says most. */
interface PlacedIssue {
  readonly path: readonly PropertyKey[];
  readonly issue: z.core.$ZodIssue;
}

/** Of the forms that a value may have, the one that was meant: where something inside it is wrong. */
function deepest(issue: z.core.$ZodIssue, before: readonly PropertyKey[] = []): readonly PlacedIssue[] {
  const path = [...before, ...issue.path];
  if (issue.code === 'invalid_union') {
    for (const [first] of issue.errors) {
      if (first !== undefined && (first.path.length > 0 || first.code === 'unrecognized_keys')) {
        return deepest(first, path);
      }
    }
  }
  return [{ path, issue }];
}

interface Given {
  readonly of: string;
  readonly options: unknown;
  readonly schema: OptionSchema;
}

function invalidOption([placed]: readonly PlacedIssue[], { of, options, schema }: Given): HoneError {
  const { path, issue } = placed ?? { path: [], issue: undefined };
  const place = pathText(path);
  const subject = place === '' ? of : `${of}: ${place}`;
  const known = schemaAt(schema, path);
  if (issue?.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    return unknownOption(
      { of: subject, names: optionNames(known), path: pathText([...path, unknown]) },
      unknown,
    );
  }
  const params: Readonly<Record<string, unknown>> = issue?.code === 'custom' ? (issue.params ?? {}) : {};
  const allowed = typeof params.allowed === 'string' ? params.allowed : allowedValues(known);
  const value = valueAt(options, path);
  const received = receivedValue(value, known);
  const said = issue?.code === 'custom' && issue.message !== 'Invalid input' ? issue.message : undefined;
  const isRoot = path.length === 0 && schema.type === 'object';
  const message =
    said !== undefined
      ? `${subject}: ${said}`
      : isRoot
        ? `${of}: the options are ${received}, but must be an object.`
        : value === undefined
          ? `${subject} is missing: it must be ${allowed}.`
          : `${subject} is ${received}, but must be ${allowed}.`;
  return new HoneError(message, {
    code: 'HONE_OPTION_INVALID',
    hint: hintFor(known, { value, whole: params.whole }),
    facts: { option: place, received, allowed },
  });
}

function hintFor(
  { default: usual, defaultText, enum: choices }: OptionSchema,
  { value, whole }: { readonly value: unknown; readonly whole: unknown },
): string {
  const closest =
    choices === undefined || typeof value !== 'string' ? undefined : closestMatch(value, choices.map(String));
  if (closest !== undefined) return `Did you mean ${closest}?`;
  if (typeof whole === 'string') return `Give ${whole}.`;
  const text = defaultText ?? (usual === undefined ? undefined : JSON.stringify(usual));
  return text === undefined ? 'Correct it.' : `Correct it, or leave it out for the default: ${text}.`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value;
  for (const key of path) {
    if ((typeof inner !== 'object' && typeof inner !== 'function') || inner === null) return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[key];
  }
  return inner;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
