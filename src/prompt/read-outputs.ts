import type { Json, JsonObject } from '../base/json.ts';
import type { Field, Signature } from '../signature/signature.ts';
import { labelOf } from '../signature/signature.ts';
import type { ParseResult } from './adapter.ts';
import { laterStep, type ReadStep, type ReadValue, readJson } from './read-value.ts';

/** What was found for a field in an answer: how to read it, and the step that it took to find it. */
export interface FoundValue {
  readonly read: ReadValue;
  readonly step: ReadStep;
}

/** Puts the fields together: outputs when every required field was read, else what there is and what is not. */
export function collectOutputs(
  signature: Signature,
  find: (field: Field) => FoundValue | undefined,
): ParseResult {
  const outputs: Record<string, Json> = {};
  const missing: string[] = [];
  const reasons: string[] = [];
  let step: ReadStep = 'strict';
  for (const field of signature.outputs) {
    const found = find(field);
    if (found?.read.status === 'read') {
      outputs[field.name] = found.read.value;
      step = laterStep(step, laterStep(found.step, found.read.step));
    } else if (found !== undefined) {
      missing.push(field.name);
      reasons.push(`${field.name}: ${found.read.status === 'unreadable' ? found.read.reason : ''}`);
    } else if (!field.optional) {
      missing.push(field.name);
      reasons.push(`${field.name} is missing`);
    }
  }
  if (missing.length === 0) return { status: 'parsed', outputs, step };
  return { status: 'unparsable', reason: `${reasons.join('; ')}.`, partial: outputs, missing };
}

/** The outputs of an object whose keys are the fields' names, perhaps written another way or in a wrapper. */
export function outputsOfObject(object: JsonObject, signature: Signature, foundBy: ReadStep): ParseResult {
  let source = object;
  let step = foundBy;
  const keys = Object.keys(object);
  const inner = keys.length === 1 ? object[keys[0] as string] : undefined;
  const hasField = (value: JsonObject) =>
    signature.outputs.some((field) => keyOf(value, field, signature) !== undefined);
  if (!hasField(object) && inner !== undefined && isObject(inner) && hasField(inner)) {
    source = inner;
    step = laterStep(step, 'repaired');
  }
  return collectOutputs(signature, (field) => {
    const key = keyOf(source, field, signature);
    const value = key === undefined ? undefined : source[key];
    if (key === undefined || value === undefined) return undefined;
    const read = readJson(value, field);
    // Schemas for strict providers write `null` for what may be absent.
    if (value === null && field.optional && read.status !== 'read') return undefined;
    return { read, step: key === field.name ? step : laterStep(step, 'aliases') };
  });
}

/** The key of a field in an object: its name, else the only key that reads alike and is no other field's. */
function keyOf(object: JsonObject, field: Field, signature: Signature): string | undefined {
  if (Object.hasOwn(object, field.name)) return field.name;
  const plain = plainName(field.name);
  const alike = Object.keys(object).filter((key) => plainName(key) === plain);
  const [only] = alike;
  return alike.length === 1 && !signature.outputs.some((other) => other.name === only) ? only : undefined;
}

/** Names that differ in case, separators or markup alone are the same name to a model. */
export function plainName(name: string): string {
  return labelOf(name)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
