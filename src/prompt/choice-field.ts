import { HoneError } from '../base/errors.ts';
import { choicesOf, type Field, type Signature } from '../signature/signature.ts';
import { onlyOutput } from './prompt-text.ts';

/**
 * The output whose answers can be scored: the only one, and a closed choice.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when there is none.
 */
export function choiceField(signature: Signature): Field {
  const field = onlyOutput(signature.outputs);
  if (field !== undefined && choicesOf(field) !== undefined) return field;
  const names = signature.outputs.map((output) => output.name).join(', ');
  throw new HoneError(`The answers of ${names} cannot be scored: only one closed choice can.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Ask for one output with a list of allowed answers, or let the model generate.',
  });
}
