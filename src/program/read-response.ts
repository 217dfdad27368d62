import type { ModelResponse } from '../model/model.ts';
import { cutOffReason, type NoAnswerFault, noAnswerOf } from '../model/no-answer.ts';
import type { Adapter, ParseResult } from '../prompt/adapter.ts';
import { validateOutputs } from '../prompt/validate-outputs.ts';
import type { Signature } from '../signature/signature.ts';

/** What is wrong with an answer that cannot be used; `unreadable`: there is one, in no form that can be read. */
export type AnswerFault = NoAnswerFault | 'unreadable';

export type ResponseReading =
  | Extract<ParseResult, { status: 'parsed' }>
  | (Extract<ParseResult, { status: 'unparsable' }> & {
      readonly fault: AnswerFault;
      /** Whether asking once more for what is missing can help: there is an answer, and it came to its end. */
      readonly mayAskAgain: boolean;
    });

/**
 * Reads a response: whether there is an answer at all, what it says, and whether the user's schemas take it. Of an
 * answer that the limit on output tokens cut only what is whole counts.
 */
export async function readResponse(
  adapter: Adapter,
  response: ModelResponse,
  signature: Signature,
): Promise<ResponseReading> {
  const none = noAnswerOf(response);
  if (none !== undefined) {
    const missing = signature.outputs.filter(({ optional }) => !optional).map(({ name }) => name);
    return { status: 'unparsable', ...none, partial: {}, missing, mayAskAgain: false };
  }
  const cut = response.finishReason === 'length';
  const read = adapter.parse(response.text, signature, { cut });
  const checked = read.status === 'parsed' ? await validateOutputs(read, signature) : read;
  if (checked.status === 'parsed') return checked;
  return cut
    ? { ...checked, fault: 'cut-off', reason: `${cutOffReason}. ${checked.reason}`, mayAskAgain: false }
    : { ...checked, fault: 'unreadable', mayAskAgain: true };
}
