import type { Json } from '../base/json.ts';
import { allowedStrings, kindOf, withoutNull } from './json-schema.ts';
import type { Field, JsonSchema } from './signature.ts';

/** What a value may be, in a few words for a model: `one of: billing, refunds` or `a number from 0 to 1`. */
export function describeValue(schema: JsonSchema): string {
  const { schema: plain, nullable } = withoutNull(schema);
  const text = describePlain(plain);
  return nullable ? `${text}, or null` : text;
}

function describePlain(schema: JsonSchema): string {
  switch (kindOf(schema)) {
    case 'choice': {
      const allowed = allowedStrings(schema);
      return allowed.length === 1 ? `always ${allowed[0]}` : `one of: ${allowed.join(', ')}`;
    }
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${describeRange(schema)}`;
    case 'number':
      return `a number${describeRange(schema)}`;
    case 'string':
      return `text${describeLength(schema)}`;
    case 'json':
      return describeJson(schema);
  }
}

function describeJson(schema: JsonSchema): string {
  const items = schema.items;
  if (schema.type === 'array' && typeof items === 'object' && items !== null && !Array.isArray(items)) {
    const item = items as JsonSchema;
    if (kindOf(item) !== 'json') return `a JSON list, each item ${describeValue(item)}`;
  }
  const bare = JSON.stringify(schema, (key, value: Json) => (key === '$schema' ? undefined : value));
  return bare === '{}' ? 'JSON' : `JSON of this schema: ${bare}`;
}

function describeRange(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (
    typeof minimum === 'number' &&
    typeof maximum === 'number' &&
    Math.abs(maximum) < Number.MAX_SAFE_INTEGER
  ) {
    return ` from ${minimum} to ${maximum}`;
  }
  const bounds: string[] = [];
  // zod bounds its integers by the safe range: nothing that a model needs to hear.
  if (typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER) bounds.push(`at least ${minimum}`);
  if (typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER) bounds.push(`at most ${maximum}`);
  if (typeof exclusiveMinimum === 'number') bounds.push(`above ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === 'number') bounds.push(`below ${exclusiveMaximum}`);
  return bounds.length === 0 ? '' : `, ${bounds.join(' and ')}`;
}

function describeLength(schema: JsonSchema): string {
  const bounds: string[] = [];
  if (typeof schema.minLength === 'number') bounds.push(`at least ${schema.minLength} characters`);
  if (typeof schema.maxLength === 'number') bounds.push(`at most ${schema.maxLength} characters`);
  if (typeof schema.pattern === 'string') bounds.push(`matching ${schema.pattern}`);
  if (typeof schema.format === 'string') bounds.push(`in ${schema.format} format`);
  return bounds.length === 0 ? '' : `, ${bounds.join(', ')}`;
}

/** One field in one line for a model: what it may be, what it means, whether it may be left out. */
export function describeField(field: Field): string {
  const meaning = field.description === undefined ? '' : ` (${field.description})`;
  const optional = field.optional ? '; leave it out when there is none' : '';
  return `${describeValue(field.schema)}${meaning}${optional}`;
}
