import { predict, signature } from 'hone-ai';
import { selfRefine } from 'hone-ai/programs';

/** What a reply to a ticket must keep to: each is a rule that code can check. */
const rules = [
  { says: 'It has at most 60 words.', holds: (reply: string) => reply.trim().split(/\s+/u).length <= 60 },
  { says: 'It ends with a question or an offer.', holds: (reply: string) => /[?]|let us know/iu.test(reply) },
  { says: 'It promises no money.', holds: (reply: string) => !/refund|credit|[$€£]\s?\d/iu.test(reply) },
];

/** The share of the rules that hold, and which of them do not: what a critique and a scorer both go by. */
export function checkReply(reply: string): { readonly score: number; readonly feedback: string } {
  const broken = rules.filter(({ holds }) => !holds(reply)).map(({ says }) => says);
  return {
    score: 1 - broken.length / rules.length,
    feedback: broken.length === 0 ? 'Every rule holds.' : `Not kept: ${broken.join(' ')}`,
  };
}

const letter = signature('ticket -> reply', { instructions: 'Answer the customer in a friendly way.' });

/** One try, to compare with. */
export const plainReply = predict(letter, { name: 'reply' });

/** Drafts a reply, has it criticized with what the check found, and improves it: at most two times. */
export const refinedReply = selfRefine(letter, {
  rounds: 2,
  criteria: rules.map(({ says }) => says),
  check: ({ outputs }) => checkReply(outputs.reply),
});
