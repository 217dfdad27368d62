import type { JsonObject } from '../base/json.ts';
import { parseTypeText } from './parse-shorthand.ts';
import type { ValueOfText } from './shorthand-types.ts';
import type { Field, JsonSchema } from './signature.ts';
import { isStandardSchema, jsonSchemaOf, type StandardSchema, validatorOf } from './standard-schema.ts';

/** What a field may be given as: the text of a type, a Standard Schema, or either with options by `field`. */
export type FieldSpec = string | StandardSchema | FieldDefinition;

/** A type with what is said about it. `Optional` is true where the value may be absent. */
export interface FieldDefinition<
  Spec extends string | StandardSchema = string | StandardSchema,
  Optional extends boolean = boolean,
> {
  readonly kind: 'field';
  readonly spec: Spec;
  readonly options: FieldOptions & { readonly optional?: Optional | undefined };
}

/** What is said about a field. The limits are JSON Schema's and are checked on every answer. */
export interface FieldOptions {
  /** Said to the model beside the name. */
  readonly description?: string | undefined;
  /** Whether the value may be absent. @default false */
  readonly optional?: boolean | undefined;
  /** Smallest number allowed. */
  readonly minimum?: number | undefined;
  /** Largest number allowed. */
  readonly maximum?: number | undefined;
  /** Fewest characters allowed. */
  readonly minLength?: number | undefined;
  /** Most characters allowed. */
  readonly maxLength?: number | undefined;
  /** A regular expression that a text must match. */
  readonly pattern?: string | undefined;
  /** Fewest items of a list. */
  readonly minItems?: number | undefined;
  /** Most items of a list. */
  readonly maxItems?: number | undefined;
  /** The JSON Schema, for a Standard Schema that cannot say it itself. */
  readonly jsonSchema?: JsonSchema | undefined;
}

/**
 * A field with a description or with limits.
 *
 * @example field('number', { description: 'how sure you are', minimum: 0, maximum: 1 })
 */
export function field<const Spec extends string | StandardSchema, const Options extends FieldOptions>(
  spec: Spec,
  options: Options,
): FieldDefinition<Spec, Options['optional'] extends true ? true : false> {
  return { kind: 'field', spec, options: options as FieldOptions & { optional?: never } };
}

/** The value that a field takes as an input. */
export type InputOf<Spec> =
  Spec extends FieldDefinition<infer Inner>
    ? InputOf<Inner>
    : Spec extends string
      ? ValueOfText<Spec>
      : Spec extends StandardSchema<infer Input, unknown>
        ? Input
        : never;

/** The value that a field gives as an output. */
export type OutputOf<Spec> =
  Spec extends FieldDefinition<infer Inner>
    ? OutputOf<Inner>
    : Spec extends string
      ? ValueOfText<Spec>
      : Spec extends StandardSchema<infer _, infer Output>
        ? Output
        : never;

/**
 * The field of a signature that a specification stands for.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` for a type that is not known, or a schema without a JSON Schema.
 */
export function toField(name: string, spec: FieldSpec, role: 'input' | 'output'): Field {
  const isDefinition = typeof spec === 'object' && 'kind' in spec && spec.kind === 'field';
  const inner = isDefinition ? spec.spec : (spec as string | StandardSchema);
  const { description, optional, jsonSchema, ...limits } = isDefinition ? spec.options : ({} as FieldOptions);
  const base = baseSchema(inner, { name, role, jsonSchema });
  const own = base.description;
  const schema: Record<string, JsonObject[string]> = { ...base };
  delete schema.description;
  for (const [limit, value] of Object.entries(limits)) if (value !== undefined) schema[limit] = value;
  const said = description ?? (typeof own === 'string' ? own : undefined);
  return {
    name,
    schema,
    ...(said !== undefined && { description: said }),
    ...(optional && { optional }),
    ...(isStandardSchema(inner) && { validate: validatorOf(inner) }),
  };
}

interface FieldPlace {
  readonly name: string;
  readonly role: 'input' | 'output';
  readonly jsonSchema: JsonSchema | undefined;
}

function baseSchema(spec: string | StandardSchema, { name, role, jsonSchema }: FieldPlace): JsonSchema {
  if (jsonSchema !== undefined) return jsonSchema;
  return typeof spec === 'string' ? parseTypeText(spec) : jsonSchemaOf(spec, { name, role });
}
