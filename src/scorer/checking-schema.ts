import { z } from 'zod';
import { schemaIssues } from '../signature/json-schema.ts';
import type { JsonSchema } from '../signature/signature.ts';

/**
 * The part of a Standard Schema that is needed to check a value.
 *
 * @see https://standardschema.dev
 */
export interface CheckingSchema {
  readonly '~standard': {
    readonly vendor: string;
    readonly validate: (value: unknown) => CheckResult | Promise<CheckResult>;
  };
}

export interface CheckResult {
  readonly issues?:
    | readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[]
    | undefined;
}

/** Whether a value is a Standard Schema. */
export function isCheckingSchema(value: unknown): value is CheckingSchema {
  const isThing = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (!isThing || !('~standard' in (value as object))) return false;
  const standard = (value as { readonly '~standard': unknown })['~standard'];
  return typeof standard === 'object' && standard !== null && 'validate' in standard;
}

/** Why a value does not fit a schema: one sentence an issue, none when it fits. */
export async function schemaFaults(
  value: unknown,
  schema: JsonSchema | CheckingSchema,
): Promise<readonly string[]> {
  if (!isCheckingSchema(schema)) return schemaIssues(value, schema);
  const { issues = [] } = await schema['~standard'].validate(value);
  return issues.map(({ message, path = [] }) => {
    const place = path.map((step) => String(isPathSegment(step) ? step.key : step)).join('.');
    return place === '' ? message : `at ${place}: ${message}`;
  });
}

function isPathSegment(step: unknown): step is { readonly key: unknown } {
  return typeof step === 'object' && step !== null && 'key' in step;
}

/** What identifies a schema in a scorer's version. */
export function describeSchema(schema: JsonSchema | CheckingSchema): unknown {
  if (!isCheckingSchema(schema)) return schema;
  const { vendor } = schema['~standard'];
  if (vendor !== 'zod') return { vendor };
  try {
    return { vendor, schema: z.toJSONSchema(schema as unknown as z.ZodType) };
  } catch {
    // A zod schema with transforms or another major version of zod: `version` must tell.
    return { vendor };
  }
}
