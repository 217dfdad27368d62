import { HoneError } from '../base/errors.ts';
import { kindOf } from '../signature/json-schema.ts';
import type { Field } from '../signature/signature.ts';
import { exactMatch } from './exact-match.ts';
import { fieldMatch } from './field-match.ts';
import { numeric } from './numeric.ts';
import type { Scorer } from './scorer.ts';

/**
 * The scorer of a task that names none: `exactMatch` for one expected field, `numeric` where the field is a
 * number, and `fieldMatch` over several.
 *
 * @param outputs Of the program's signature.
 * @param expected Names of the expected columns; those that are no output are not compared.
 * @throws {HoneError} `HONE_FIELD_MISSING` when no expected column is an output.
 */
export function defaultScorer(outputs: readonly Field[], expected: readonly string[]): Scorer {
  const compared = outputs.filter((field) => expected.includes(field.name));
  const scorers = compared.map((field) => {
    const kind = kindOf(field.schema);
    return kind === 'number' || kind === 'integer' ? numeric(field.name) : exactMatch(field.name);
  });
  const [first] = scorers;
  if (first === undefined) {
    throw new HoneError(
      `No expected column is an output: expected ${list(expected)}, outputs ${list(outputs.map((field) => field.name))}.`,
      {
        code: 'HONE_FIELD_MISSING',
        hint: 'Name the expected column like the output, or give a scorer.',
      },
    );
  }
  return scorers.length === 1 ? first : fieldMatch(scorers);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? '(none)' : names.map((name) => `"${name}"`).join(', ');
}
