import { inspect } from 'node:util';

/** The part of a JSON Schema that says which values an option takes. */
export interface OptionSchema {
  readonly type?: string | undefined;
  /** In words, where no JSON Schema says it: a function, a model. Wins over everything else. */
  readonly allowed?: string | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  /** In words, where the default depends on the task. */
  readonly defaultText?: string | undefined;
  /** Whether a received value may be a secret, which no message repeats. */
  readonly secret?: boolean | undefined;
  readonly minimum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  readonly minLength?: number | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly anyOf?: readonly OptionSchema[] | undefined;
  readonly properties?: Readonly<Record<string, OptionSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: OptionSchema | boolean | undefined;
  readonly items?: OptionSchema | boolean | undefined;
  readonly prefixItems?: readonly OptionSchema[] | undefined;
}

/** The values that an option takes, in words that follow "must be": `a whole number from 1 to 64`. */
export function allowedValues(schema: OptionSchema): string {
  if (schema.allowed !== undefined) return schema.allowed;
  if (schema.anyOf !== undefined) return list(schema.anyOf.map(allowedValues), 'or');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  switch (schema.type) {
    case 'integer':
      return `a whole number${rangeOf(schema)}`;
    case 'number':
      return `a number${rangeOf(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return (schema.minLength ?? 0) > 0 ? 'a text that is not empty' : 'a text';
    case 'array':
      return listOf(schema);
    case 'object':
      return schema.properties === undefined ? 'an object' : `an object with ${namesOf(schema)}`;
    default:
      return 'another value';
  }
}

/** The schema of the value at a path, as far as it is known. */
export function schemaAt(schema: OptionSchema, path: readonly PropertyKey[]): OptionSchema {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  for (const branch of schema.anyOf ?? [schema]) {
    const inner = memberOf(branch, key);
    if (inner !== undefined) return schemaAt(inner, rest);
  }
  return {};
}

/** Every option that an object takes, whichever of its forms is meant. */
export function optionNames(schema: OptionSchema): readonly string[] {
  return [...new Set((schema.anyOf ?? [schema]).flatMap((branch) => Object.keys(branch.properties ?? {})))];
}

/** A value as a message repeats it: short, in one line, and never a secret. */
export function receivedValue(value: unknown, { secret = false }: OptionSchema = {}): string {
  if (secret) return `a value of type ${typeof value}`;
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  const text = inspect(value, {
    depth: 1,
    maxArrayLength: 4,
    maxStringLength: 60,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
  }).replaceAll(/\s+/g, ' ');
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}

function memberOf(schema: OptionSchema, key: PropertyKey): OptionSchema | undefined {
  const { properties = {}, additionalProperties, items, prefixItems } = schema;
  if (typeof key === 'number') return prefixItems?.[key] ?? schemaOf(items);
  const name = String(key);
  return Object.hasOwn(properties, name) ? properties[name] : schemaOf(additionalProperties);
}

function schemaOf(schema: OptionSchema | boolean | undefined): OptionSchema | undefined {
  return typeof schema === 'object' ? schema : undefined;
}

function rangeOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: OptionSchema): string {
  const least = isBound(minimum)
    ? ` from ${minimum}`
    : isBound(exclusiveMinimum)
      ? ` above ${exclusiveMinimum}`
      : '';
  if (isBound(maximum)) {
    if (isBound(minimum)) return `${least} to ${maximum}`;
    return least === '' ? ` up to ${maximum}` : `${least} and up to ${maximum}`;
  }
  if (isBound(exclusiveMaximum)) return `${least}${least === '' ? '' : ' and'} below ${exclusiveMaximum}`;
  return isBound(minimum) ? `${least} on` : least;
}

/** The largest whole number that is exact stands in every schema of whole numbers and says nothing. */
function isBound(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function listOf({ items, prefixItems }: OptionSchema): string {
  if (prefixItems !== undefined) {
    return `a list of ${prefixItems.length}: ${list(prefixItems.map(allowedValues), 'and')}`;
  }
  const item = schemaOf(items);
  return item === undefined ? 'a list' : `a list, each ${allowedValues(item)}`;
}

function namesOf(schema: OptionSchema): string {
  const names = optionNames(schema);
  return names.length === 0 ? 'no options' : list(names, 'and');
}

function list(words: readonly string[], last: 'and' | 'or'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
