import type { Json, JsonObject } from '../base/json.ts';

/** A JSON Schema (draft 2020-12) of one value. */
export type JsonSchema = JsonObject;

/** One named value that a step takes or gives. */
export interface Field {
  /** A word: letters, digits and underscores. */
  readonly name: string;
  /** What the value may be; what the model is told and what its answer is checked against. */
  readonly schema: JsonSchema;
  /** Said to the model beside the name. */
  readonly description?: string | undefined;
  /** Whether the value may be absent. @default false */
  readonly optional?: boolean | undefined;
  /** Checks and converts a value by the user's own schema. Not JSON: kept out of hashes and of the store. */
  readonly validate?: FieldValidator | undefined;
}

/** The check of a user's Standard Schema: a converted value, or the reasons why not. */
export type FieldValidator = (value: unknown) => Promise<FieldValidation> | FieldValidation;
export type FieldValidation =
  | { readonly status: 'valid'; readonly value: unknown }
  | { readonly status: 'invalid'; readonly issues: readonly string[] };

/**
 * The contract of a step: what it takes, what it gives, and what to do. An immutable value; the type
 * parameters carry what `predict` infers.
 */
export interface Signature<Inputs = JsonObject, Outputs = JsonObject> {
  readonly instructions: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  /** Exists in types only. */
  readonly '~types'?: { readonly inputs: Inputs; readonly outputs: Outputs } | undefined;
}

/** The allowed answers of a closed choice, or undefined for an open field. Only strings are choices. */
export function choicesOf(field: Field): readonly string[] | undefined {
  const values = field.schema.enum;
  if (!Array.isArray(values) || values.length < 2) return undefined;
  return values.every((value: Json) => typeof value === 'string') ? (values as readonly string[]) : undefined;
}

/** Names as a reader sees them: `technicalNote` and `technical_note` become `Technical note`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The same signature with other instructions. */
export function withInstructions<Inputs, Outputs>(
  signature: Signature<Inputs, Outputs>,
  instructions: string,
): Signature<Inputs, Outputs> {
  return { ...signature, instructions };
}

/** The signature reduced to some of its outputs, in its own order: what an answer still lacks. */
export function withOutputs(signature: Signature, names: readonly string[]): Signature {
  return { ...signature, outputs: signature.outputs.filter((output) => names.includes(output.name)) };
}
