import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { AiSdkAppCall, AiSdkAppMessage, AiSdkAppPart } from '../model/provider/ai-sdk-model.ts';
import { type Candidate, type Demo, parameterName, parameterOf } from '../prompt/candidate.ts';
import { withNearest } from '../prompt/nearest-demos.ts';
import { escapeSlots, fillSlots, slotsOf } from '../prompt/template.ts';

/** What a wrapped prompt shows and gives, as a step. */
export const appFields = {
  prompt: { name: 'prompt', schema: { type: 'string' }, description: 'what the app asks' },
  reply: { name: 'reply', schema: { type: 'string' }, description: 'what the app reads' },
} as const;

/** The parameters of a wrapped prompt. */
export function instructionsName(prompt: string): string {
  return parameterName(prompt, 'instructions');
}

export function demosName(prompt: string): string {
  return parameterName(prompt, 'demos');
}

export interface SwapOptions {
  /** The prompt's name. */
  readonly prompt: string;
  /** The text that the app sends itself, with slots for what changes from call to call. */
  readonly own: string;
  readonly candidate: Candidate;
  /** The row that is answered; a demo taken from it is left out. */
  readonly exampleId?: string | undefined;
}

/**
 * A call of an app with a candidate's text instead of the app's own, wherever that stands, and with the candidate's
 * demos as turns before the first one.
 *
 * @throws {HoneError} `HONE_PROMPT_INVALID` when the call does not hold the app's own text; `HONE_CANDIDATE_INVALID`
 *   for several sets of demos: the app asks once, and reads one answer.
 */
export function swapPrompt(call: AiSdkAppCall, options: SwapOptions): AiSdkAppCall {
  const { prompt: name, own, candidate, exampleId } = options;
  if (!holdsText(call, own)) throw notSaid(call, { name, own });
  const text = parameterOf(candidate, instructionsName(name), 'text')?.text ?? own;
  const [set, another] = parameterOf(candidate, demosName(name), 'demos')?.sets ?? [];
  if (another !== undefined) throw severalSets(name);
  const isOwn = text === own;
  if (isOwn && set === undefined) return call;
  const texted = isOwn ? call.prompt : withText(call.prompt, { own, text });
  if (set === undefined) return { ...call, prompt: texted };
  const { demos } = withNearest(set, { prompt: askedOf(call) }, exampleId);
  const shown = demos.filter(({ source }) => source === undefined || source !== exampleId);
  const first = texted.findIndex(({ role }) => role !== 'system');
  const at = first < 0 ? texted.length : first;
  return { ...call, prompt: [...texted.slice(0, at), ...shown.flatMap(turnsOf), ...texted.slice(at)] };
}

function holdsText({ prompt }: AiSdkAppCall, own: string): boolean {
  return own === '' || textsOf(prompt).some((text) => findText(text, own) !== undefined);
}

/** What the system says in a call, as a text whose braces are no slots. */
export function learnedText(call: AiSdkAppCall): string {
  const [first] = call.prompt.filter(({ role }) => role === 'system');
  return first === undefined ? '' : escapeSlots(String(first.content));
}

/** What the user said last: what differs from row to row. */
export function askedOf({ prompt }: AiSdkAppCall): string {
  const last = prompt.findLast(({ role }) => role === 'user');
  return last === undefined ? '' : textOfMessage(last);
}

function turnsOf({ inputs, outputs }: Demo): readonly AiSdkAppMessage[] {
  const turn = (role: 'user' | 'assistant', value: unknown): AiSdkAppMessage => ({
    role,
    content: [{ type: 'text', text: String(value ?? '') }],
  });
  return [turn('user', inputs.prompt), turn('assistant', outputs.reply)];
}

interface Swap {
  readonly own: string;
  readonly text: string;
}

function withText(prompt: readonly AiSdkAppMessage[], swap: Swap): readonly AiSdkAppMessage[] {
  const { own, text } = swap;
  if (own === '') return [{ role: 'system', content: fillSlots(text, {}) }, ...prompt];
  // Of the system first: a user may quote it.
  for (const role of ['system', 'user'] as const) {
    for (const [index, message] of prompt.entries()) {
      const swapped = message.role === role ? swappedMessage(message, swap) : undefined;
      if (swapped !== undefined) return prompt.with(index, swapped);
    }
  }
  return prompt;
}

function severalSets(name: string): HoneError {
  return new HoneError(
    `${demosName(name)} has several sets, and the app asks its prompt once: it can show one.`,
    {
      code: 'HONE_CANDIDATE_INVALID',
      hint: 'Take an optimizer that makes one set of demos, such as bootstrapFewShot.',
    },
  );
}

function notSaid(
  call: AiSdkAppCall,
  { name, own }: { readonly name: string; readonly own: string },
): HoneError {
  const said = textsOf(call.prompt).join(' ');
  return new HoneError(
    `The app does not say the text of the prompt "${name}" in this call. It says: “${beginningOf(said)}”`,
    {
      code: 'HONE_PROMPT_INVALID',
      hint: `Give wrapModel the text as the app sends it, with a {{slot}} for each part that changes: wrapModel(model, { prompt: '${name}', instructions: '…' }).`,
      facts: { prompt: name, expected: beginningOf(own) },
    },
  );
}

function swappedMessage(message: AiSdkAppMessage, { own, text }: Swap): AiSdkAppMessage | undefined {
  const { content } = message;
  const swapIn = (said: string): string | undefined => {
    const found = findText(said, own);
    if (found === undefined) return undefined;
    return `${said.slice(0, found.from)}${fillSlots(text, found.values)}${said.slice(found.to)}`;
  };
  if (typeof content === 'string') {
    const swapped = swapIn(content);
    return swapped === undefined ? undefined : { ...message, content: swapped };
  }
  for (const [index, part] of content.entries()) {
    const swapped = part.type === 'text' ? swapIn(part.text ?? '') : undefined;
    if (swapped !== undefined)
      return { ...message, content: content.with(index, { ...part, text: swapped }) };
  }
  return undefined;
}

interface FoundText {
  readonly from: number;
  readonly to: number;
  readonly values: JsonObject;
}

interface TextPattern {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** What stands around the slots, where each slot stands once. */
  readonly literals: readonly string[] | undefined;
}

const patterns = new Map<string, TextPattern>();
/** Texts are a few per app; whoever makes them up at every call must not fill the memory. */
const mostPatterns = 1_000;

/** Where a text stands in another, and what its slots stand for there. */
function findText(said: string, own: string): FoundText | undefined {
  const { pattern, names, literals } = patternOf(own);
  if (literals !== undefined) return findPieces(said, { literals, names });
  const match = pattern.exec(said);
  if (match === null) return undefined;
  const values = Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']));
  return { from: match.index, to: match.index + match[0].length, values };
}

/**
 * The pieces one after another, each where it stands first: time grows with the text alone, where a pattern would try
 * every place of every slot.
 */
function findPieces(
  said: string,
  { literals, names }: { readonly literals: readonly string[]; readonly names: readonly string[] },
): FoundText | undefined {
  const [first = '', ...rest] = literals;
  const from = said.indexOf(first);
  if (from < 0) return undefined;
  let at = from + first.length;
  const values: Record<string, string> = {};
  for (const [index, literal] of rest.entries()) {
    // A slot at the end reaches to the end of the message.
    const isEnd = index === rest.length - 1 && literal === '';
    const next = isEnd ? said.length : said.indexOf(literal, at);
    if (next < 0) return undefined;
    values[names[index] ?? ''] = said.slice(at, next);
    at = next + literal.length;
  }
  return { from, to: at, values };
}

function patternOf(own: string) {
  const known = patterns.get(own);
  if (known !== undefined) return known;
  const names = [...new Set(slotsOf(own).map(({ name }) => name))];
  const seen = new Set<string>();
  const mark = (name: string) => `\uE000${names.indexOf(name)}\uE001`;
  const marked = fillSlots(own, Object.fromEntries(names.map((name) => [name, mark(name)])));
  const source = marked
    .split(/(\uE000\d+\uE001)/u)
    .map((piece) => {
      const index = /^\uE000(\d+)\uE001$/u.exec(piece)?.[1];
      if (index === undefined) return piece.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
      if (seen.has(index)) return `\\k<slot${index}>`;
      seen.add(index);
      return `(?<slot${index}>[\\s\\S]*?)`;
    })
    .join('');
  // A slot at either end reaches to the end of the message.
  const starts = /^\uE000/u.test(marked) ? '^' : '';
  const ends = /\uE001$/u.test(marked) ? '$' : '';
  const pieces = marked.split(/\uE000\d+\uE001/u);
  const made: TextPattern = {
    pattern: new RegExp(`${starts}${source}${ends}`, 'u'),
    names,
    literals: pieces.length === names.length + 1 ? pieces : undefined,
  };
  if (patterns.size >= mostPatterns) patterns.clear();
  patterns.set(own, made);
  return made;
}

function textsOf(prompt: readonly AiSdkAppMessage[]): readonly string[] {
  return prompt.filter(({ role }) => role === 'system' || role === 'user').map(textOfMessage);
}

function textOfMessage({ content }: AiSdkAppMessage): string {
  if (typeof content === 'string') return content;
  return content.map(({ type, text }: AiSdkAppPart) => (type === 'text' ? (text ?? '') : '')).join('');
}

function beginningOf(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
