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

/**
 * Only at the start, and only of the writer: "say sorry", "refuse politely", "Sorry, Thanks or Complaint?" and "I cannot
 * log in: such tickets …" are instructions.
 */
const apologies: readonly RegExp[] = [
  /^(?:i['’]?m|i am|we are|we['’]re)(?: (?:very|so|really|truly|afraid i['’]?m))? sorry\b/i,
  /^(?:sorry|(?:my )?apologies),?(?: but\b| (?:i|we)\b)/i,
  /^(?:i|we) apologi[sz]e\b/i,
  /^(?:i|we) (?:must|have to) decline\b/i,
  /^(?:i|we) (?:(?:can['’]?t|cannot|can not|could not|couldn['’]t|won['’]t|will not)(?: \w+ly)? (?:help|assist|comply|write|provide|create|generate|improve|rewrite|fulfil|fulfill|complete|do (?:that|this|so)|answer|continue|produce|see|access|engage|discuss|support)|(?:am|are) (?:unable|not able) to)\b/i,
  /^(?:i|we) (?:do not|don['’]t) have (?:enough|access|the (?:ability|information|context)|any|sufficient)\b/i,
  /^as an? (?:ai|artificial intelligence|(?:large )?language model)(?: (?:language )?(?:model|assistant))?,? (?:i|we)\b/i,
  /^(?:leider |es )?tut (?:es )?mir leid[,.! ]|^es tut mir (?:sehr )?leid\b|^leider kann ich\b|^ich kann (?:dir |ihnen )?(?:dabei |das )?(?:leider )?nicht (?:helfen|weiterhelfen)/iu,
  /^je suis (?:vraiment )?désolée?(?!\p{L})|^désolée?[,.]|^je ne peux pas (?:vous |t['’])?(?:aider|répondre|faire)/iu,
  /^lo siento\b|^no puedo (?:ayudar|hacer|cumplir)|^mi dispiace\b|^non posso (?:aiutar|far)|^(?:me )?desculpe[,.]|^sinto muito\b|^(?:het )?spijt me\b|^przepraszam\b|^przykro mi\b|^(?:извините|простите|к сожалению),? (?:но )?я(?!\p{L})|^üzgünüm\b|^maalesef\b.*yardımcı/iu,
  /^(?:(?:很|非常)?抱歉|对不起|對不起)[，,。！!我]|^(?:申し訳(?:あり|ござい)|すみません|ごめんなさい)|^죄송|^(?:عذرا|آسف|أعتذر)/u,
];

/** Only where nothing but the fault is said, in one line or as a page. */
const serverFault =
  /^(?:(?:(?:http(?:\/\d(?:\.\d)?)? )?[45]\d\d(?: ?[:–-])? (?:bad request|unauthori[sz]ed|forbidden|not found|request timeout|payload too large|too many requests|internal server error|bad gateway|service unavailable|gateway time-?out)|(?:api ?)?error: |internal server error|bad gateway|service unavailable|gateway time-?out|too many requests|rate limit (?:exceeded|reached)|upstream (?:connect|request)|request timed out)[^\n?]{0,200}$|<!doctype html|<html\b)/i;

/** A sentence of the one who hands the prompt over: it speaks of a new text, and the text follows. */
const newer =
  '(?:new|improved|revised|rewritten|updated|optimi[sz]ed|final|proposed|better|refined|enhanced|modified|possible|suggested|my)';
const handingOver: readonly RegExp[] = [
  new RegExp(
    `^(?:(?:sure|certainly|of course|absolutely|great|okay|ok|yes)[,.!:]+\\s+)?(?:here(?:['’]s| is| are)|below (?:is|are)|this is|the following is)\\b[^\\n]{0,60}\\b(?:${newer}\\b[^\\n]{0,40}\\b(?:prompts?|instructions?|proposal)\\b[^\\n]{0,80}|${newer}\\b[^\\n]{0,40}\\bversions?(?: of (?:the|your|this|these) (?:prompts?|instructions?|task)\\b[^\\n]{0,80})?[ \\t*_]*|(?:prompt|rewrite)\\b[^\\n]{0,80}):[ \\t]*(?:\\n|$)`,
    'i',
  ),
  /^i(?:['’]ve| have)? (?:rewritten|revised|improved|updated|created|written|drafted)\b[^\n]{0,60}\b(?:prompts?|instructions?|versions?)\b/i,
  /^hier (?:ist|sind|kommt)\b[^\n]{0,60}(?:prompts?|anweisung(?:en)?|version)\b[^\n]{0,60}:[ \t]*(?:\n|$)/i,
  /^voici\b[^\n]{0,60}(?:prompt|instructions?|consignes?|version)[^\n]{0,60}:[ \t]*(?:\n|$)/i,
  /^(?:aquí (?:tienes|está|tiene)|aqui está|ecco)\b[^\n]{0,60}(?:prompt|instrucci[oó]n(?:es)?|instruç(?:ão|ões)|istruzioni|versi[oó]n|versão|versione)[^\n]{0,60}:[ \t]*(?:\n|$)/iu,
  /^вот\b[^\n]{0,60}(?:промпт|инструкци|верси)[^\n]{0,60}:[ \t]*(?:\n|$)/iu,
  /^(?:以下是|这是|這是)[^\n]{0,30}(?:改进|优化|改進|優化|新的|修改)[^\n]{0,20}(?:提示|指令)[^\n]{0,20}[：:]/u,
  /^以下(?:は|が)[^\n]{0,30}(?:改善|改良|新しい)[^\n]{0,20}(?:プロンプト|指示)/u,
];
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
  {
    what: 'an apology or a refusal',
    isSign: (text) => apologies.some((words) => words.test(unquoted(text))),
  },
  { what: 'the message of a fault', isSign: (text) => text.length <= 600 && serverFault.test(text) },
  { what: 'a thought that has no end', isSign: hasOpenThought },
  { what: 'cut off inside a fence', isSign: hasOpenFence },
  {
    what: 'a prompt inside a fence',
    isSign: (text) => isOneFence(text),
  },
  { what: 'a prompt inside JSON', isSign: isJson },
  { what: 'a prompt inside an envelope', isSign: (text) => envelopeTag.test(text) || endTag.test(text) },
  { what: 'a reply with marks of the model', isSign: (text) => controlToken.test(text) },
  {
    what: 'a message that hands a prompt over',
    isSign: (text) => handingOver.some((words) => words.test(text)) || eager.test(text) || heading.test(text),
  },
  { what: 'about the search', isSign: (text) => searchTalk.test(text) },
];

/** Without what may stand before an apology: a quotation mark, the sign of a heading or of bold, a regret. */
function unquoted(text: string): string {
  return text.replace(/^["'“„«*_#> ]{1,6}/u, '').replace(/^(?:unfortunately|regrettably),? (?=i |we )/i, '');
}

/** A thought that starts a text or a line of its own, and a close without an opening; a tag named inside a line is none. */
function hasOpenThought(text: string): boolean {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const opened = count(/^[ \t]*<(?:think|thinking|reasoning|thought)>/gim);
  const anywhere = count(/<(?:think|thinking|reasoning|thought)>/gi);
  const closed = count(/<\/(?:think|thinking|reasoning|thought)>/gi);
  if (closed > anywhere || (opened > 0 && closed < anywhere)) return true;
  // A thought that comes first: names of tags side by side are a sentence about them.
  const thought = /^<(?:think|thinking)>([^<]*)/i.exec(text)?.[1];
  return thought !== undefined && !/^\s*(?:and|or|und|oder|et|ou|y|o|e|\/|,|…|\.{3})?\s*$/iu.test(thought);
}

function hasOpenFence(text: string): boolean {
  return fencesOf(text).isOpen;
}

/** Whether all of a text is one fence. */
function isOneFence(text: string): boolean {
  if (!/^(?:`{3,}|~{3,})/.test(text)) return false;
  const { isOpen, closed, lastEnd } = fencesOf(text);
  return !isOpen && closed === 1 && lastEnd === text.length;
}

function fencesOf(text: string): {
  readonly isOpen: boolean;
  readonly closed: number;
  readonly lastEnd: number;
} {
  let open: string | undefined;
  let closed = 0;
  let lastEnd = 0;
  for (const { 0: line, 1: fence = '', 2: rest = '', index } of text.matchAll(
    /^ {0,3}(`{3,}|~{3,})([^\n]*)$/gm,
  )) {
    if (open === undefined) {
      // A line with the same marks twice is code inside a sentence.
      if (!rest.includes(fence[0] ?? '')) open = fence;
    } else if (fence[0] === open[0] && fence.length >= open.length && rest.trim() === '') {
      open = undefined;
      closed += 1;
      lastEnd = index + line.length;
    }
  }
  return { isOpen: open !== undefined, closed, lastEnd };
}

/** Whole JSON, or JSON that ends before its end: slots have no quotes, and words after a whole value are a sentence. */
function isJson(text: string): boolean {
  if (!/^(?:\{|\[|")/.test(text) || slotsOf(text).length > 0) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return isCutOffJson(text);
  }
}

/** An object with a quoted key, or a list of values, whose brackets are never all closed. */
function isCutOffJson(text: string): boolean {
  if (!/^\{\s*"[^"\n]{1,80}"\s*:/.test(text) && !/^\[\s*[{"]/.test(text)) return false;
  let depth = 0;
  for (const { 0: part } of text.matchAll(/"(?:[^"\\]|\\[\s\S])*(?:"|$)|[{}[\]]/g)) {
    if (part === '{' || part === '[') depth += 1;
    else if (part === '}' || part === ']') depth -= 1;
    if (depth === 0) return false;
  }
  return true;
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
