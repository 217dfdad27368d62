import { slotsOf } from './template.ts';

/** What a proposed text is compared with. */
export interface NoPromptCheck {
  /** The text that it would replace; what that one has, the proposed one may have. */
  readonly parent: string | undefined;
  /** Answers of the task: the allowed ones of its closed outputs, and those of training rows. */
  readonly answers: readonly string[];
  /** Names of the outputs. */
  readonly outputs: readonly string[];
}

/**
 * What a text is instead of a prompt, to follow "is": a model that was asked for one may apologise, wrap it up,
 * be cut off, or answer the task. Undefined for everything that may be a prompt: ordinary words never tell.
 */
export function whyNoPrompt(
  text: string,
  { parent = '', answers, outputs }: NoPromptCheck,
): string | undefined {
  const trimmed = text.trim();
  const found = signs.find(({ isSign }) => isSign(trimmed) && !isSign(parent.trim()));
  if (found !== undefined) return found.what;
  if (parent !== '' && plain(parent) === plain(text)) return undefined;
  return isAnswer(trimmed, answers, outputs) ? "the task's answer instead of a prompt" : undefined;
}

interface Sign {
  readonly what: string;
  isSign(text: string): boolean;
}

/** Only at the start, in the first person: "say sorry" and "refuse politely" are instructions. */
const apology =
  /^(?:["'“]\s*)?(?:(?:i['’]?m|i am|we are|we['’]re)(?: (?:very|so|really|truly))? sorry\b|sorry[,.!]|(?:my )?apologies[,.!]|i apologi[sz]e\b|(?:(?:unfortunately|regrettably),? )?(?:i|we) (?:can['’]?t|cannot|can not|could not|couldn['’]t|am unable|am not able|are unable|won['’]t|will not|must decline|have to decline|do not have|don['’]t have)\b|as an? (?:ai|artificial intelligence|(?:large )?language model)\b|es tut mir leid|tut mir leid|ich kann (?:dir |ihnen )?(?:dabei |das )?(?:leider )?nicht|leider kann ich|je suis désolé|désolé[,.]|je ne peux pas|lo siento|lamento[ ,]|no puedo |mi dispiace|desculpe[,.]|sinto muito|抱歉|很抱歉|对不起|申し訳|죄송)/iu;

/** Only where nothing but the fault is said. */
const serverFault =
  /^(?:(?:http(?:\/\d(?:\.\d)?)? )?[45]\d\d\b[ :]|(?:api)?error[: ]|internal server error|bad gateway|service unavailable|gateway time-?out|too many requests|rate limit (?:exceeded|reached)|upstream |request timed out|<!doctype html|<html\b)/i;

/** A sentence of the one who hands the prompt over. */
const handingOver =
  /^(?:(?:sure|certainly|of course|absolutely|great|okay|ok|yes)[,.!:]+\s+)?(?:here(?:['’]s| is| are)|below (?:is|are)|this is|the following is|i(?:['’]ve| have)? (?:rewritten|revised|improved|updated|created|written|drafted))\b[^\n]{0,120}\b(?:prompts?|instructions?|versions?|rewrite|proposal)\b[^\n]{0,80}(?::|\n)/i;
const eager =
  /^(?:sure|certainly|of course|absolutely)[,.!]\s+(?:here|i['’]?(?:ll|ve| will| have)|let me|below)\b/i;
const heading =
  /^(?:[#*_\s]*)(?:(?:new|improved|revised|rewritten|updated|optimi[sz]ed|final|proposed|better) (?:prompt|instructions?|version)|prompt|proposed_instruction|improved_prompt|new_prompt)\s*[*_]*\s*:/i;

/** Tags that hold a proposal, never a part of a prompt: `<instructions>` is one of those. */
const envelopeTag =
  /^<\/?(?:ins|prompt|new[_-]?prompts?|improved[_-]?(?:prompt|instructions?)|revised[_-]?(?:prompt|instructions?)|final[_-]?(?:prompt|instructions?)|updated[_-]?(?:prompt|instructions?)|optimi[sz]ed[_-]?(?:prompt|instructions?)|candidate|proposals?|variants?|answer|output|response|result|reply)>/i;
const endTag =
  /<\/(?:ins|prompt|new[_-]?prompts?|improved[_-]?(?:prompt|instructions?)|revised[_-]?(?:prompt|instructions?)|candidate|proposals?|variants?)>$/i;

const controlToken = /<\|[a-z_]{2,30}\|>|<(?:start|end)_of_turn>|\[\/?INST\]|\[\[ ## \w+ ## \]\]/i;
/** Texts of the search itself, which no task speaks of. */
const searchTalk =
  /\bsteps since improvement\b|\b(?:current|previous|original|parent|seed) (?:prompt|instructions?) (?:scored|scores|achieves?|achieved|got|received|failed|fails) \d?/i;

const signs: readonly Sign[] = [
  { what: 'an apology or a refusal', isSign: (text) => apology.test(text) },
  { what: 'the message of a fault', isSign: (text) => text.length <= 600 && serverFault.test(text) },
  { what: 'a thought that has no end', isSign: hasOpenThought },
  { what: 'cut off inside a fence', isSign: hasOpenFence },
  {
    what: 'a prompt inside a fence',
    isSign: (text) => /^(`{3,}|~{3,})[^\n]*\n[\s\S]*\1$/.test(text) && !hasOpenFence(text),
  },
  { what: 'a prompt inside JSON', isSign: isJson },
  { what: 'a prompt inside an envelope', isSign: (text) => envelopeTag.test(text) || endTag.test(text) },
  { what: 'a reply with marks of the model', isSign: (text) => controlToken.test(text) },
  {
    what: 'a message that hands a prompt over',
    isSign: (text) => handingOver.test(text) || eager.test(text) || heading.test(text),
  },
  { what: 'about the search', isSign: (text) => searchTalk.test(text) },
];

/** Lines that open or close a thought, and a close without an opening; a tag named inside a line is no thought. */
function hasOpenThought(text: string): boolean {
  const opened = text.match(/^[ \t]*<(?:think|thinking|reasoning|thought)>/gim)?.length ?? 0;
  const anywhere = text.match(/<(?:think|thinking|reasoning|thought)>/gi)?.length ?? 0;
  const closed = text.match(/<\/(?:think|thinking|reasoning|thought)>/gi)?.length ?? 0;
  return closed > anywhere || (opened > 0 && closed < anywhere) || /^<(?:think|thinking)>/i.test(text);
}

function hasOpenFence(text: string): boolean {
  let open: string | undefined;
  for (const [, fence = ''] of text.matchAll(/^ {0,3}(`{3,}|~{3,})/gm)) {
    if (open === undefined) open = fence;
    else if (fence[0] === open[0] && fence.length >= open.length) open = undefined;
  }
  return open !== undefined;
}

/** Whole JSON, or the beginning of an object with a quoted key: slots have no quotes. */
function isJson(text: string): boolean {
  if (/^\{\s*"[^"\n]{1,80}"\s*:/.test(text) || /^\[\s*[{"]/.test(text)) return true;
  if (!/^(?:\{|\[|")/.test(text) || slotsOf(text).length > 0) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isAnswer(text: string, answers: readonly string[], outputs: readonly string[]): boolean {
  const said = plain(text);
  if (said === '' || said.length > 200) return false;
  const names = ['answer', 'output', 'label', 'final answer', ...outputs.map(plain)];
  const label = names.find((name) => said.startsWith(`${name} `) && /^[^\n]{1,60}[:=]/.test(text));
  const value = label === undefined ? said : said.slice(label.length + 1);
  return answers.some((answer) => answer !== '' && plain(answer) === value);
}

/** Letters and digits in lower case, everything else as one space. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
