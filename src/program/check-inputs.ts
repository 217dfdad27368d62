import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { ownOf } from '../base/own-property.ts';
import type { Field } from '../signature/signature.ts';

/** @throws {HoneError} `HONE_FIELD_MISSING` naming every input that is not there. */
export function checkInputs(fields: readonly Field[], inputs: JsonObject): void {
  const missing = fields.filter(({ name, optional }) => !optional && ownOf(inputs ?? {}, name) === undefined);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => `"${name}"`).join(', ');
  throw new HoneError(`The input ${names} is missing.`, {
    code: 'HONE_FIELD_MISSING',
    hint: `Give ${fields.map(({ name }) => name).join(', ')}.`,
  });
}
