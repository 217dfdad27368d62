import type { JsonObject } from '../base/json.ts';
import { ownOf, setOwn } from '../base/own-property.ts';
import { schemaIssues } from '../signature/json-schema.ts';
import type { FieldValidation, Signature } from '../signature/signature.ts';
import type { ParseResult } from './adapter.ts';

/**
 * Checks outputs that an adapter has read, by the user's own schema where the field has one, which may also
 * convert them, else by the field's JSON Schema. What is refused is missing, so that it is asked for once
 * more; keys that the signature does not have are dropped.
 */
export async function validateOutputs(
  parsed: Extract<ParseResult, { status: 'parsed' }>,
  signature: Signature,
): Promise<ParseResult> {
  const valid: Record<string, unknown> = {};
  const missing: string[] = [];
  const reasons: string[] = [];
  for (const field of signature.outputs) {
    const value = ownOf(parsed.outputs, field.name);
    if (value === undefined) {
      if (field.optional) continue;
      missing.push(field.name);
      reasons.push(`${field.name} is missing`);
      continue;
    }
    const checked = field.validate === undefined ? bySchema(value, field.schema) : field.validate(value);
    const result = checked instanceof Promise ? await checked : checked;
    if (result.status === 'valid') {
      setOwn(valid, field.name, result.value);
    } else {
      missing.push(field.name);
      reasons.push(`${field.name}: ${result.issues.join('; ')}`);
    }
  }
  const outputs = valid as JsonObject;
  if (missing.length === 0) return { ...parsed, outputs };
  return { status: 'unparsable', reason: `${reasons.join('; ')}.`, partial: outputs, missing };
}

function bySchema(value: unknown, schema: JsonObject): FieldValidation {
  const issues = schemaIssues(value, schema);
  return issues.length === 0 ? { status: 'valid', value } : { status: 'invalid', issues };
}
