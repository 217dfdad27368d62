import { HoneError } from '../base/errors.ts';
import type { Prediction } from './program.ts';

/**
 * The outputs of a prediction; an unusable answer throws.
 *
 * @throws {HoneError} `HONE_OUTPUT_UNPARSABLE` when the answer could not be read. What the program's own code
 * threw, as it was.
 */
export function outputsOf<Outputs>(prediction: Prediction<Outputs>): Outputs {
  if (prediction.status === 'completed') return prediction.outputs;
  const { cause, reason, text, step } = prediction;
  if (cause !== undefined) throw cause;
  throw new HoneError(`The model answered, but not in the shape that the signature asks for: ${reason}`, {
    code: 'HONE_OUTPUT_UNPARSABLE',
    hint: 'Try the `json` format, or raise `maxOutputTokens` if the answer was cut off.',
    facts: { text, step },
  });
}
