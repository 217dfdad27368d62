import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Field, JsonSchema } from './signature.ts';

/** What kind of value a schema asks for, as far as a prompt and a reader need to know. */
export type ValueKind = 'string' | 'number' | 'integer' | 'boolean' | 'choice' | 'json';

/** A schema without the alternative `null`, and whether it had one. */
export function withoutNull(schema: JsonSchema): { readonly schema: JsonSchema; readonly nullable: boolean } {
  const { anyOf, type } = schema;
  if (Array.isArray(anyOf)) {
    const others = (anyOf as readonly JsonSchema[]).filter((branch) => branch.type !== 'null');
    const [only] = others;
    if (others.length === 1 && only !== undefined && others.length < anyOf.length) {
      return { schema: only, nullable: true };
    }
  }
  if (Array.isArray(type) && type.includes('null')) {
    const others = type.filter((name: Json) => name !== 'null');
    return { schema: { ...schema, type: others.length === 1 ? others[0] : others }, nullable: true };
  }
  return { schema, nullable: type === 'null' };
}

/** The kind of the values of a schema; `json` for everything that is written as JSON. */
export function kindOf(schema: JsonSchema): ValueKind {
  const { schema: plain } = withoutNull(schema);
  if (Array.isArray(plain.enum) && plain.enum.every((value: Json) => typeof value === 'string'))
    return 'choice';
  if (typeof plain.const === 'string') return 'choice';
  const { type } = plain;
  if (type === 'string' || type === 'number' || type === 'integer' || type === 'boolean') return type;
  return 'json';
}

/** The allowed strings of a choice; empty for every other kind. A single allowed string counts too. */
export function allowedStrings(schema: JsonSchema): readonly string[] {
  const { schema: plain } = withoutNull(schema);
  if (kindOf(plain) !== 'choice') return [];
  return typeof plain.const === 'string' ? [plain.const] : (plain.enum as readonly string[]);
}

const checkers = new WeakMap<JsonSchema, z.ZodType>();

/**
 * Why a value does not fit a JSON Schema: one sentence an issue, none when it fits. A schema that speaks of
 * properties, items, lengths or a range is of what has them, also where it names no type.
 */
export function schemaIssues(value: unknown, schema: JsonSchema): readonly string[] {
  let checker = checkers.get(schema);
  if (checker === undefined) {
    checker = z.fromJSONSchema(inFull(schema) as Parameters<typeof z.fromJSONSchema>[0]);
    checkers.set(schema, checker);
  }
  const result = checker.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => {
    const place = issue.path.length === 0 ? '' : `at ${issue.path.join('.')}: `;
    return `${place}${issue.message}`;
  });
}

/** Any value that is there. */
const anyValue = { type: ['string', 'number', 'boolean', 'object', 'array', 'null'] };

/**
 * The same schema said in full, where zod would take less for anything at all: every required key is among the
 * properties, and whoever speaks of properties, items, lengths or a range without a type means what has them.
 */
function inFull(schema: Json | undefined): Json | undefined {
  if (Array.isArray(schema)) return schema.map((each: Json) => inFull(each) as Json);
  if (!isJsonObject(schema)) return schema;
  const copy: Record<string, Json | undefined> = {};
  for (const [key, value] of Object.entries(schema)) {
    copy[key] = literal.has(key) ? value : maps.has(key) ? mapInFull(value) : inFull(value);
  }
  const type = copy.type ?? meantType(copy);
  if (type !== undefined) copy.type = type;
  if (type === 'array' && copy.items === undefined && copy.prefixItems === undefined) copy.items = {};
  const { required, properties } = copy;
  if (!Array.isArray(required) || copy.additionalProperties === false) return copy;
  const known = isJsonObject(properties) ? properties : {};
  const missing = required.filter((name: Json) => typeof name === 'string' && !Object.hasOwn(known, name));
  if (missing.length === 0) return copy;
  return {
    ...copy,
    properties: { ...known, ...Object.fromEntries(missing.map((name: Json) => [name, anyValue])) },
  };
}

/** Of schemas by names of the user's, which may be those of keywords. */
function mapInFull(map: Json | undefined): Json | undefined {
  if (!isJsonObject(map)) return map;
  return Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, inFull(schema)]));
}

function meantType(schema: JsonObject): string | undefined {
  if (['$ref', 'enum', 'const'].some((key) => key in schema)) return undefined;
  return Object.entries(typeOfKeywords).find(([, keywords]) => keywords.some((key) => key in schema))?.[0];
}

const typeOfKeywords: Readonly<Record<string, readonly string[]>> = {
  object: [
    'properties',
    'required',
    'additionalProperties',
    'patternProperties',
    'minProperties',
    'maxProperties',
  ],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['pattern', 'minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
};

/** Keywords whose values are data and no schemas. */
const literal: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'required']);

/** Keywords whose values are schemas by name. */
const maps: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions']);

/** One schema for all outputs together, as providers and grammars take it: every key present, no other. */
export function objectSchemaOf(fields: readonly Field[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const field of fields) {
    const described =
      field.description === undefined ? field.schema : { ...field.schema, description: field.description };
    // Strict modes of providers demand every key: what may be absent is `null` there instead.
    properties[field.name] =
      field.optional && !withoutNull(field.schema).nullable
        ? { anyOf: [described, { type: 'null' }] }
        : described;
  }
  return {
    type: 'object',
    properties,
    required: fields.map((field) => field.name),
    additionalProperties: false,
  };
}
