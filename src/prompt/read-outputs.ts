import type { Json, JsonObject } from '../base/json.ts';
import { setOwn } from '../base/own-property.ts';
import type { Field, Signature } from '../signature/signature.ts';
import type { ParseResult } from './adapter.ts';
import { plainName } from './plain-name.ts';
import { agreement, type FoundValue } from './read-answer.ts';
import { laterStep, type ReadStep, readJson } from './read-value.ts';
import type { TolerantJson } from './tolerant-json.ts';

/** Puts the fields together: outputs when every field was read or may be absent, else what there is and what is not. */
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
      setOwn(outputs, field.name, found.read.value);
      step = laterStep(step, laterStep(found.step, found.read.step));
    } else if (found?.read.status === 'unreadable') {
      missing.push(field.name);
      reasons.push(`${field.name}: ${found.read.reason}`);
    } else if (!field.optional) {
      missing.push(field.name);
      reasons.push(`${field.name} is missing`);
    }
  }
  if (missing.length === 0) return { status: 'parsed', outputs, step };
  return { status: 'unparsable', reason: `${reasons.join('; ')}.`, partial: outputs, missing };
}

/** An answer of which nothing can be read. @param reason Without the point at its end. */
export function unreadable(signature: Signature, reason: string): ParseResult {
  const missing = signature.outputs.filter((field) => !field.optional).map((field) => field.name);
  return { status: 'unparsable', reason: `${reason}.`, partial: {}, missing };
}

/**
 * The outputs of the JSON objects of an answer, whose keys are the fields' names, perhaps written another way or in
 * a wrapper. A field that two objects, or one object twice, give differently has no value.
 */
export function outputsOfObjects(
  objects: readonly Pick<TolerantJson, 'value' | 'repeated'>[],
  signature: Signature,
  foundBy: ReadStep,
): ParseResult {
  const sources = objects.flatMap(({ value, repeated }) =>
    isObject(value) ? [{ ...unwrapped(value, signature), repeated }] : [],
  );
  return collectOutputs(signature, (field) => {
    const found = sources.flatMap(({ object, wrapped, repeated }): readonly FoundValue[] => {
      if (repeated.includes(field.name)) {
        return [{ read: { status: 'unreadable', reason: 'the answer gives it twice' }, step: foundBy }];
      }
      const key = keyOf(object, field, signature);
      const value = key === undefined ? undefined : object[key];
      if (key === undefined || value === undefined) return [];
      const step = wrapped ? laterStep(foundBy, 'repaired') : foundBy;
      return [{ read: readJson(value, field), step: key === field.name ? step : laterStep(step, 'aliases') }];
    });
    return found.length === 0 ? undefined : agreement(found);
  });
}

/** The object itself, or the only one that it holds and that has the fields. */
function unwrapped(object: JsonObject, signature: Signature) {
  const [only, another] = Object.values(object);
  const hasField = (value: JsonObject) =>
    signature.outputs.some((field) => keyOf(value, field, signature) !== undefined);
  const isWrapper = another === undefined && only !== undefined && isObject(only) && !hasField(object);
  return isWrapper && hasField(only) ? { object: only, wrapped: true } : { object, wrapped: false };
}

/** The key of a field in an object: its name, else the only key that reads alike and is no other field's. */
function keyOf(object: JsonObject, field: Field, signature: Signature): string | undefined {
  if (Object.hasOwn(object, field.name)) return field.name;
  const plain = plainName(field.name);
  const alike = Object.keys(object).filter((key) => plainName(key) === plain);
  const [only] = alike;
  return alike.length === 1 && !signature.outputs.some((other) => other.name === only) ? only : undefined;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
