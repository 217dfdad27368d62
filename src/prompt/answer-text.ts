import { kindOf } from '../signature/json-schema.ts';
import type { Field, Signature } from '../signature/signature.ts';

/** The answer itself, or why there is none. */
export type AnswerText =
  | { readonly status: 'answer'; readonly text: string }
  | {
      readonly status: 'none';
      readonly fault: 'empty' | 'thoughts-only' | 'thoughts-open';
      readonly reason: string;
    };

const thoughtNames =
  'think(?:ing)?|thoughts?|seed:think|begin_of_thought|end_of_thought|start_thinking|end_thinking';
/** Taken for thoughts where no output is open text, which may hold such tags. */
const moreNames = 'reasoning|reflection|scratchpad|analysis';

/** `<think>`, `</think>`, `<|begin_of_thought|>`, `◁think▷`, `[THINK]`; not in quotes or in code. */
function markPattern(names: string): RegExp {
  return new RegExp(
    String.raw`(?<![\x60"'“\\])(?:<\|?(\/?)(${names})\|?>|◁(\/?)(think)▷|\[(\/?)(think)\])`,
    'giu',
  );
}

const plainMarks = markPattern(thoughtNames);
const allMarks = markPattern(`${thoughtNames}|${moreNames}`);
const channelMark = '<|channel|>';
const messageMark = '<|message|>';
/** What a server should have taken as the end of the answer; whatever follows is another turn. */
const endMark =
  /<\|(?:im_end|eot_id|eom_id|end|endoftext|end_of_text|end_of_turn|return|im_start|start|start_header_id|user|assistant)\|>|<end_of_turn>|<start_of_turn>|<eos>|<｜end▁of▁sentence｜>|\[\/?INST\]|<\/s>/u;

/**
 * An answer without what models and their servers leave around it: thoughts (everything before the last mark
 * that ends them, whether or not one began them), channels other than the final one, and the marks of turns.
 * Thoughts without an end are no answer: what they mention is not what they would have come to.
 */
export function answerText(text: string, signature: Signature): AnswerText {
  if (text.trim() === '') return { status: 'none', fault: 'empty', reason: 'The answer is empty' };
  if (isWholeObject(text)) return { status: 'answer', text };
  const final = finalChannel(text);
  if (final === undefined) return openThoughts();
  const isOpen = signature.outputs.some((field) => kindOf(field.schema) === 'string');
  const own = new Set(signature.outputs.map((field: Field) => field.name.toLowerCase()));
  let start = 0;
  let opens = false;
  for (const mark of final.matchAll(isOpen ? plainMarks : allMarks)) {
    const name = (mark[2] ?? mark[4] ?? mark[6] ?? '').toLowerCase();
    if (own.has(name)) continue;
    const ends = (mark[1] ?? mark[3] ?? mark[5]) === '/' || name.startsWith('end_');
    if (ends) start = mark.index + mark[0].length;
    opens = !ends;
  }
  if (opens) return openThoughts();
  const answer = beforeEnd(final.slice(start), isOpen);
  if (answer.trim() !== '') return { status: 'answer', text: start === 0 ? answer : answer.trim() };
  return { status: 'none', fault: 'thoughts-only', reason: 'The answer holds thoughts alone' };
}

function openThoughts(): AnswerText {
  return { status: 'none', fault: 'thoughts-open', reason: 'The answer is thoughts without an end' };
}

/** One JSON object from end to end: marks in it stand in its strings. */
function isWholeObject(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What stands in the final channel; the text itself where there are no channels, undefined where none is final. */
function finalChannel(text: string): string | undefined {
  // A server that drops the marks leaves their words: `analysis…assistantfinal…`.
  const bare = /^\s*analysis/.test(text) ? text.lastIndexOf('assistantfinal') : -1;
  if (bare !== -1) return text.slice(bare + 'assistantfinal'.length);
  if (!text.includes(channelMark)) return text;
  const channel = text.lastIndexOf(`${channelMark}final`);
  const message = channel === -1 ? -1 : text.indexOf(messageMark, channel);
  return message === -1 ? undefined : text.slice(message + messageMark.length);
}

/** Where another turn begins that the model makes up. */
const nextTurn = /\n[ \t]{0,4}(?:user|human|### ?(?:user|human|instruction))[ \t]{0,4}:/iu;

function beforeEnd(text: string, isOpen: boolean): string {
  let rest = text.replace(
    /^\s*(?:<\|(?:im_start|start|start_header_id)\|>\s*)?(?:assistant)?<\|end_header_id\|>\s*/u,
    '',
  );
  rest = rest.replace(/^\s*(?:<\|im_start\|>assistant\s|<s>)\s*/u, '');
  // An open text may be a conversation.
  const turn = isOpen ? null : nextTurn.exec(rest);
  if (turn !== null && rest.slice(0, turn.index).trim() !== '') rest = rest.slice(0, turn.index);
  const end = endMark.exec(rest);
  if (end === null) return rest;
  // Struck text is no end.
  if (end[0] === '</s>' && /<s>/.test(rest.slice(0, end.index))) return rest;
  return rest.slice(0, end.index);
}

const markNames = `${thoughtNames}|${moreNames}|channel|message|im_end|im_start|end|return|start|eot_id|eom_id|endoftext|end_of_text|end_of_turn|start_header_id|end_header_id|user|assistant|INST|eos|s`;
const writtenMark = String.raw`(<\|?|◁|\[)SLASHES(\/?(?:${markNames})(?:\|?>|▷|\]))`;
const toEscape = new RegExp(writtenMark.replace('SLASHES', String.raw`(\\*)`), 'giu');
const escaped = new RegExp(writtenMark.replace('SLASHES', String.raw`\\(\\*)`), 'giu');

/** A value in which marks of thoughts and turns are text: each gets a backslash, which {@link unescapeMarks} takes off. */
export function escapeMarks(text: string): string {
  return text.replace(toEscape, '$1\\$2$3');
}

/** The inverse of {@link escapeMarks}. */
export function unescapeMarks(text: string): string {
  return text.includes('\\') ? text.replace(escaped, '$1$2$3') : text;
}
