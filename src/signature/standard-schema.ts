import { z } from 'zod';
import { HoneError, messageOf } from '../base/errors.ts';
import { isJsonObject } from '../base/json.ts';
import type { FieldValidator, JsonSchema } from './signature.ts';

/**
 * A schema of any library that follows Standard Schema: zod, valibot, arktype and others.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Of newer versions: the schema as JSON Schema. */
    readonly jsonSchema?:
      | {
          readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
          readonly output: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
        }
      | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** True for a schema that follows Standard Schema. Some libraries' schemas are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value;
}

/**
 * The JSON Schema of a Standard Schema: by its own word first, then by the means of its library.
 *
 * An output's JSON Schema is that of the value before the schema converts it, because it is what the model
 * writes.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` when the library cannot say it.
 */
export function jsonSchemaOf(
  schema: StandardSchema,
  { name, role }: { readonly name: string; readonly role: 'input' | 'output' },
): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'];
  try {
    const found =
      jsonSchema?.input({ target: 'draft-2020-12' }) ??
      (vendor === 'zod' ? z.toJSONSchema(schema as unknown as z.ZodType, { io: 'input' }) : undefined) ??
      ownJsonSchema(schema);
    if (isJsonObject(found)) return withoutKey(found, '$schema');
  } catch (cause) {
    throw new HoneError(
      `The ${vendor} schema of the ${role} “${name}” has no JSON Schema: ${messageOf(cause)}`,
      { code: 'HONE_SIGNATURE_INVALID', hint: hintFor(vendor), cause, facts: { field: name } },
    );
  }
  throw new HoneError(`The ${vendor} schema of the ${role} “${name}” does not say its JSON Schema.`, {
    code: 'HONE_SIGNATURE_INVALID',
    hint: hintFor(vendor),
    facts: { field: name },
  });
}

function hintFor(vendor: string): string {
  if (vendor === 'valibot') {
    return 'Run: npm install @valibot/to-json-schema, then pass field(schema, { jsonSchema: toJsonSchema(schema) }).';
  }
  return 'Pass it beside the schema: field(schema, { jsonSchema: { type: … } }).';
}

/** arktype before 2.1.28, and libraries like it, have it as a method. */
function ownJsonSchema(schema: StandardSchema): unknown {
  const { toJsonSchema } = schema as { readonly toJsonSchema?: unknown };
  return typeof toJsonSchema === 'function' ? toJsonSchema.call(schema) : undefined;
}

function withoutKey(schema: JsonSchema, key: string): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

/** The check of a field's value by the schema. */
export function validatorOf(schema: StandardSchema): FieldValidator {
  return async (value) => {
    const result = await schema['~standard'].validate(value);
    if (result.issues === undefined) return { status: 'valid', value: result.value };
    return { status: 'invalid', issues: result.issues.map(issueText) };
  };
}

function issueText({ path = [], message }: StandardIssue): string {
  const place = path
    .map((part) => String(typeof part === 'object' && part !== null ? part.key : part))
    .join('.');
  return place === '' ? message : `at ${place}: ${message}`;
}
