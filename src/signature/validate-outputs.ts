import type { JsonObject } from '../base/json.ts';
import { schemaIssues } from './json-schema.ts';
import type { Signature } from './signature.ts';

/** Whether outputs keep every promise of their signature. */
export type OutputValidation =
  | { readonly status: 'valid'; readonly outputs: JsonObject }
  | {
      readonly status: 'invalid';
      readonly reason: string;
      /** The fields that are as they should be. */
      readonly partial: JsonObject;
      /** The fields that are absent or refused. */
      readonly missing: readonly string[];
    };

/**
 * Checks outputs that an adapter has read: by the user's own schema where the field has one, which may also
 * convert them, else by the field's JSON Schema. Keys that the signature does not have are dropped.
 */
export async function validateOutputs(outputs: JsonObject, signature: Signature): Promise<OutputValidation> {
  const valid: Record<string, unknown> = {};
  const missing: string[] = [];
  const reasons: string[] = [];
  for (const field of signature.outputs) {
    const value = outputs[field.name];
    if (value === undefined) {
      if (field.optional) continue;
      missing.push(field.name);
      reasons.push(`${field.name} is absent`);
      continue;
    }
    const result = field.validate
      ? await field.validate(value)
      : checkedBySchema(value, schemaIssues(value, field.schema));
    if (result.status === 'valid') {
      valid[field.name] = result.value;
    } else {
      missing.push(field.name);
      reasons.push(`${field.name}: ${result.issues.join('; ')}`);
    }
  }
  if (missing.length === 0) return { status: 'valid', outputs: valid as JsonObject };
  return { status: 'invalid', reason: reasons.join('. '), partial: valid as JsonObject, missing };
}

function checkedBySchema(value: unknown, issues: readonly string[]) {
  return issues.length === 0
    ? ({ status: 'valid', value } as const)
    : ({ status: 'invalid', issues } as const);
}
