import { plainText, trimUnseen } from '../base/plain-text.ts';
import { type Token, tokensOf } from './answer-tokens.ts';
import { corrections, denials, fillerWords, reasonWords } from './answer-words.ts';

/** How an answer was matched with the allowed ones. */
export type ChoiceMatch =
  | { readonly status: 'found'; readonly choice: string; readonly exact: boolean }
  /** It names none, or names one among words that may mean anything. */
  | { readonly status: 'not-found'; readonly named: readonly string[] }
  /** More than one fits: nothing is guessed. */
  | { readonly status: 'ambiguous'; readonly choices: readonly string[] };

/**
 * The allowed answer that a text states. An answer is stated by itself, or with words that are known to change
 * nothing (`The category is billing.`): one other word in the sentence, and nothing is read, so that a negation, a
 * doubt or a question is safe in any language. What follows a stated answer may explain it: it may not name another
 * answer, take the first back, or say no to it.
 *
 * @param name Of the field: a word that changes nothing either.
 */
export function readChoice(text: string, choices: readonly string[], name = ''): ChoiceMatch {
  const trimmed = text.trim();
  if (choices.includes(trimmed)) return { status: 'found', choice: trimmed, exact: true };
  const unseen = trimUnseen(plainText(withoutFormatting(text)));
  if (choices.includes(unseen)) return { status: 'found', choice: unseen, exact: false };
  const sentences = sentencesOf(unseen, choices, name);
  const named = [...new Set(sentences.flatMap(({ labels }) => labels))];
  const outOf = share(unseen, choices);
  if (outOf !== undefined) return outOf;
  if (named.length === 0) return { status: 'not-found', named };
  return (
    pairs(sentences) ??
    contrast(sentences) ??
    together(sentences) ??
    leading(sentences) ??
    trailing(sentences) ??
    (named.length > 1 ? { status: 'ambiguous', choices: named } : { status: 'not-found', named })
  );
}

/** Tags that only change how a text looks; a struck text is another text. */
const formatting = /<\/?(?:b|i|u|em|strong|mark|code|pre|span|p|div|li|ul|ol|br|h[1-6])\s?\/?>/gi;

/** A text without tags that only change how it looks. */
export function withoutFormatting(text: string): string {
  return text.includes('<') ? text.replace(formatting, ' ') : text;
}

/** An answer, a word that changes nothing, or what may change everything. */
interface Item {
  readonly kind: 'label' | 'filler' | 'denial' | 'correction' | 'reason' | 'other' | 'question';
  readonly text: string;
  readonly choice?: string | undefined;
  /** An answer that is also an ordinary word, such as `no` or `A`: only a statement of it counts. */
  readonly weak?: boolean | undefined;
}

/** A piece of an answer up to where it may be parted. */
interface Sentence {
  readonly items: readonly Item[];
  /** The answers that it names, weak ones only where it states them. */
  readonly labels: readonly string[];
  /** Nothing but answers and words that change nothing. */
  readonly isPure: boolean;
  /** What parts it from the one before: of several the last. */
  readonly after: Token['kind'] | 'reason' | 'start';
  /** Whether it ends as a sentence does, or announces what follows. */
  readonly isEnded: boolean;
}

function sentencesOf(text: string, choices: readonly string[], name: string): readonly Sentence[] {
  const tokens = tokensOf(text);
  const forms = formsOf(choices);
  const own = new Set(
    tokensOf(plainText(name).replace(/([a-z])([A-Z])/g, '$1 $2')).map((token) => token.text),
  );
  const sentences: Sentence[] = [];
  let items: Item[] = [];
  let after: Sentence['after'] = 'start';
  const finish = (next: Sentence['after']) => {
    const ends = next === 'end' || next === 'colon';
    const last = sentences.at(-1);
    if (items.length > 0) sentences.push(sentenceOf(items, after, ends));
    else if (ends && last !== undefined) sentences[sentences.length - 1] = { ...last, isEnded: true };
    after = sentences.length === 0 ? 'start' : next;
    items = [];
  };
  for (let at = 0; at < tokens.length; ) {
    const label = labelAt(tokens, at, forms);
    if (label !== undefined) {
      // What is tied before a word, as in `un-billing`, makes another word of it.
      if (tokens[at - 1]?.kind === 'glue') items.push({ kind: 'other', text: '-' });
      items.push({ kind: 'label', text: label.choice, choice: label.choice, weak: label.weak });
      at = label.next;
      continue;
    }
    const token = tokens[at] as Token;
    at += 1;
    if (token.kind === 'word') {
      if (isNumbering(tokens, at - 1)) continue;
      if (reasonWords.has(token.text) && items.length > 0) finish('reason');
      items.push(itemOf(token, own));
    } else if (token.kind === 'sign') {
      items.push({
        kind: /^[?？]/.test(token.text) ? 'question' : signKind(token),
        text: token.text,
      });
    } else if (token.kind !== 'glue') finish(token.kind);
  }
  finish('line');
  return sentences;
}

/** `1.` or `2)` before the text of its line. */
function isNumbering(tokens: readonly Token[], at: number): boolean {
  const [before, number, mark, next] = [tokens[at - 1], tokens[at], tokens[at + 1], tokens[at + 2]];
  const isFirst = before === undefined || before.kind === 'line';
  const isMark = mark?.kind === 'close' || mark?.kind === 'end';
  return (
    isFirst && isMark && next !== undefined && next.kind !== 'line' && /^\d{1,2}$/.test(number?.text ?? '')
  );
}

function sentenceOf(items: readonly Item[], after: Sentence['after'], isEnded: boolean): Sentence {
  const isPure = items.every(({ kind }) => kind === 'label' || kind === 'filler');
  const labels = items.flatMap(({ choice, weak }) =>
    choice !== undefined && (isPure || !weak) ? [choice] : [],
  );
  return { items, labels: [...new Set(labels)], isPure, after, isEnded };
}

function itemOf({ text }: Token, own: ReadonlySet<string>): Item {
  if (denials.has(text) || text.endsWith("n't")) return { kind: 'denial', text };
  if (corrections.has(text)) return { kind: 'correction', text };
  if (fillerWords.has(text) || own.has(text)) return { kind: 'filler', text };
  return { kind: reasonWords.has(text) ? 'reason' : 'other', text };
}

function signKind({ text }: Token): Item['kind'] {
  return /^[\p{Extended_Pictographic}¬≠]/u.test(text) ? 'denial' : 'other';
}

/** An allowed answer as pieces. */
interface Form {
  readonly choice: string;
  readonly tokens: readonly Token[];
  readonly weak: boolean;
  /** Whether marks stand between its words. */
  readonly hasMarks: boolean;
  /** A single letter is told from a word by its case. */
  readonly letter: string | undefined;
}

function formsOf(choices: readonly string[]): readonly Form[] {
  return choices
    .map((choice): Form => {
      // A sign at its start is no mark of a quote or a list.
      const all = tokensOf(` ${plainText(choice)}`);
      const tokens = all.filter(({ kind }) => kind === 'word' || kind === 'sign');
      const [only, another] = tokens;
      const letter =
        only !== undefined && another === undefined && /^\p{L}$/u.test(only.raw) ? only.raw : undefined;
      const weak =
        another === undefined &&
        only !== undefined &&
        (only.text.length <= 2 ||
          fillerWords.has(only.text) ||
          denials.has(only.text) ||
          corrections.has(only.text));
      return {
        choice,
        tokens,
        weak,
        letter,
        hasMarks: all.some(({ kind }) => !['word', 'sign', 'glue'].includes(kind)),
      };
    })
    .filter(({ tokens }) => tokens.length > 0)
    .sort((a, b) => b.tokens.length - a.tokens.length);
}

/** The longest allowed answer that begins at a place; undefined where two are spelled alike. */
function labelAt(tokens: readonly Token[], at: number, forms: readonly Form[]) {
  const found: { readonly form: Form; readonly next: number }[] = [];
  for (const form of forms) {
    const [best] = found;
    if (best !== undefined && form.tokens.length < best.form.tokens.length) break;
    const next = endOfForm(tokens, at, form);
    if (next !== undefined) found.push({ form, next });
  }
  const cased = found.filter(({ form, next }) => {
    const written = tokens
      .slice(at, next)
      .filter(({ kind }) => kind === 'word')
      .map(({ raw }) => raw)
      .join(' ');
    return (
      written ===
      form.tokens
        .filter(({ kind }) => kind === 'word')
        .map(({ raw }) => raw)
        .join(' ')
    );
  });
  const [only, another] = cased.length > 0 ? cased : found;
  if (only === undefined || another !== undefined) return undefined;
  return { choice: only.form.choice, weak: only.form.weak, next: only.next };
}

function endOfForm(
  tokens: readonly Token[],
  at: number,
  { tokens: form, hasMarks, letter }: Form,
): number | undefined {
  let next = at;
  for (const [index, wanted] of form.entries()) {
    if (index > 0) {
      while (tokens[next]?.kind === 'glue') next += 1;
      if (hasMarks)
        while (['comma', 'colon', 'dash', 'open', 'close', 'end'].includes(tokens[next]?.kind ?? ''))
          next += 1;
    }
    const token = tokens[next];
    if (token === undefined || token.kind !== wanted.kind || token.text !== wanted.text) return undefined;
    if (letter !== undefined && token.raw !== letter) return undefined;
    next += 1;
  }
  return next;
}

/** `4 out of 5` and `4/5`, where 5 is the highest of the allowed numbers. */
function share(text: string, choices: readonly string[]): ChoiceMatch | undefined {
  if (!choices.every((choice) => /^\d+$/.test(choice))) return undefined;
  const highest = choices.reduce((most, choice) => Math.max(most, Number(choice)), 0);
  const found =
    /^\D{0,40}?(?<![\d.,-])(\d+)\s{0,3}(?:\/|out of|of|von|sur|de)\s{0,3}(\d+)(?:\s{1,3}(?:stars?|points?))?[.!]?$/i.exec(
      text,
    );
  if (found === null || Number(found[2]) !== highest || !choices.includes(found[1] ?? '')) return undefined;
  const before = sentencesOf(text.slice(0, found[0].indexOf(found[1] ?? '')), [], '');
  return before.every(({ isPure }) => isPure)
    ? { status: 'found', choice: found[1] ?? '', exact: false }
    : undefined;
}

const agreed = new Set(['yes', 'true', 'ja', 'oui', 'sí', 'да']);
const denied = new Set(['no', 'false', 'nein', 'non', 'нет']);

/** `billing: no, refunds: yes`: the only one that is answered with yes. */
function pairs(sentences: readonly Sentence[]): ChoiceMatch | undefined {
  const verdicts = new Map<string, boolean>();
  for (let at = 0; at < sentences.length; at += 1) {
    const [key, value] = [sentences[at], sentences[at + 1]];
    const [label, ...rest] = key?.items ?? [];
    if (key?.isPure && key.labels.length === 0) continue;
    if (
      label?.choice === undefined ||
      rest.length > 0 ||
      value?.after !== 'colon' ||
      value.items.length !== 1
    ) {
      return undefined;
    }
    const said = value.items[0]?.text.toLowerCase() ?? '';
    if (!agreed.has(said) && !denied.has(said)) return undefined;
    verdicts.set(label.choice, agreed.has(said));
    at += 1;
  }
  const chosen = [...verdicts].filter(([, isYes]) => isYes).map(([choice]) => choice);
  const [only, another] = chosen;
  if (verdicts.size === 0) return undefined;
  if (only === undefined) return { status: 'not-found', named: [...verdicts.keys()] };
  return another === undefined
    ? { status: 'found', choice: only, exact: false }
    : { status: 'ambiguous', choices: chosen };
}

/** `not billing but refunds`, and `refunds, not billing`: the one that is not denied. */
function contrast(sentences: readonly Sentence[]): ChoiceMatch | undefined {
  const items = sentences.flatMap(({ items: own }) => own.filter(({ kind }) => kind !== 'filler'));
  const shape = items.map(({ kind, text }) => (kind === 'label' ? 'L' : text)).join(' ');
  const labels = items.flatMap(({ choice }) => choice ?? []);
  const [first, second] = labels;
  if (labels.length !== 2 || first === undefined || second === undefined || first === second)
    return undefined;
  if (/^not L (?:but|but rather|rather|instead) L$/.test(shape))
    return { status: 'found', choice: second, exact: false };
  const isOneLine = sentences.every(({ after }) => after !== 'line');
  if (isOneLine && /^L (?:not|rather than|instead) L$/.test(shape))
    return { status: 'found', choice: first, exact: false };
  return undefined;
}

/** Nothing but one answer, however often. */
function together(sentences: readonly Sentence[]): ChoiceMatch | undefined {
  if (!sentences.every(({ isPure }) => isPure)) return undefined;
  const labels = [...new Set(sentences.flatMap(({ labels: own }) => own))];
  const [only, another] = labels;
  if (only === undefined) return undefined;
  return another === undefined
    ? { status: 'found', choice: only, exact: false }
    : { status: 'ambiguous', choices: labels };
}

/** The first sentence that names an answer states it, and nothing after it speaks against it. */
function leading(sentences: readonly Sentence[]): ChoiceMatch | undefined {
  const at = sentences.findIndex(({ isPure, labels }) => !isPure || labels.length > 0);
  const stated = sentences[at];
  const [choice, another] = stated?.labels ?? [];
  if (stated === undefined || !stated.isPure || choice === undefined || another !== undefined)
    return undefined;
  const rest = sentences.slice(at + 1);
  return speaksAgainst(rest, choice) ? undefined : { status: 'found', choice, exact: false };
}

function speaksAgainst(sentences: readonly Sentence[], choice: string): boolean {
  let isSameLine = true;
  for (const { items, labels, after } of sentences) {
    if (after === 'line' || after === 'end') isSameLine = false;
    if (labels.some((label) => label !== choice)) return true;
    const isDenied = items.some(({ kind }) => kind === 'denial');
    if (isDenied && labels.includes(choice)) return true;
    const opening = items.slice(0, 3);
    if (
      isSameLine &&
      after !== 'reason' &&
      opening.some(({ kind, text }) => kind === 'denial' || /^[\d.]/.test(text))
    ) {
      return true;
    }
    if (items.slice(0, 2).some(({ kind }) => kind === 'correction')) return true;
    // A short sentence that says no says no to what stands before it.
    if (isDenied && items.length <= 3) return true;
    if (items.length <= 2 && items.some(({ kind }) => kind === 'question')) return true;
  }
  return false;
}

/** The last line states an answer after sentences that name none. */
function trailing(sentences: readonly Sentence[]): ChoiceMatch | undefined {
  let from = sentences.length - 1;
  while (from > 0 && sentences[from]?.after !== 'line') from -= 1;
  const last = sentences.slice(from);
  const before = sentences.slice(0, from);
  const labels = [...new Set(last.flatMap(({ labels: own }) => own))];
  const [choice, another] = labels;
  if (from === 0 || choice === undefined || another !== undefined || !last.every(({ isPure }) => isPure))
    return undefined;
  const previous = before.at(-1);
  const isQuiet = before.every(
    ({ items, labels: named }) =>
      named.length === 0 && items.every(({ kind }) => kind !== 'question' && kind !== 'correction'),
  );
  const isDenied = previous !== undefined && speaksOfAnswer(previous);
  // A line that does not end its sentence may go on in the last one.
  return previous?.isEnded && isQuiet && !isDenied ? { status: 'found', choice, exact: false } : undefined;
}

const pointing = new Set(['it', 'this', 'that', 'these', 'following', 'which', 'below']);

/** Whether a sentence that says no may mean what follows it. */
function speaksOfAnswer({ items }: Sentence): boolean {
  if (!items.some(({ kind }) => kind === 'denial')) return false;
  return items.every(({ kind }) => kind !== 'other') || items.some(({ text }) => pointing.has(text));
}
