import { denyingSigns } from './answer-words.ts';

/**
 * A piece of an answer. `word`: letters, or a whole number with its points (`4.7`, `12:30`). `glue`: a hyphen or
 * underscore within a word. `sign`: anything that may change what stands beside it. The others part an answer:
 * `line` at a line's end, `end` at a sentence's, `comma`, `colon`, `dash`, `open` and `close` of brackets. What is
 * only decoration (quotes, asterisks, most emoji) is left out.
 */
export interface Token {
  readonly kind: 'word' | 'glue' | 'sign' | 'line' | 'end' | 'comma' | 'colon' | 'dash' | 'open' | 'close';
  /** Words in lower case. */
  readonly text: string;
  /** As written. */
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

/** Scripts that are written without spaces part from the words of others. */
const dense = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]`;
const letter = String.raw`[[\p{L}\p{M}]--${dense}]`;
const picture = String.raw`\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]*`;
const piece = new RegExp(
  [
    `(${dense}+)`,
    String.raw`(\p{N}+(?:[.,:\/'’_]\p{N}+)*(?:${letter}|[%٪])*)`,
    String.raw`(${letter}(?:${letter}|\p{N})*(?:['’](?:${letter})+)*)`,
    String.raw`(${picture}(?:\u200D${picture})*)`,
    String.raw`(->|=>|(\S)\6*)`,
    String.raw`(\s+)`,
  ].join('|'),
  'gv',
);

const decoration = new Set([...'"\'“”„«»‘’`´*_#|$\\\uFE0F\u200B\u200C\u200D\u2060\uFEFF\u00AD']);
const opening = new Set([...'([{（［【〔']);
const closing = new Set([...')]}）］】〕']);
const ends = new Set([...'.!;。！；…']);
const colons = new Set([':', '：', '=', '→', '⇒', '->', '=>', '➡']);
const bullets = new Set([...'-–—•·●▪◦‣']);

/** The pieces of a text in order. Linear in its length. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(piece)) {
    const raw = match[0];
    const start = match.index;
    const place = { raw, start, end: start + raw.length };
    const [, denseWord, number, word, emoji, sign] = match;
    if (denseWord !== undefined || number !== undefined || word !== undefined) {
      tokens.push({ kind: 'word', text: raw.toLowerCase().replaceAll('’', "'"), ...place });
    } else if (emoji !== undefined && !colons.has(emoji)) {
      const plain = [...emoji][0] ?? emoji;
      if (denyingSigns.has(plain)) tokens.push({ kind: 'sign', text: plain, ...place });
    } else if (sign !== undefined || emoji !== undefined) {
      const kind = kindOfSign(sign ?? raw, text, place);
      if (kind !== undefined) tokens.push({ kind, text: raw, ...place });
    } else if (raw.includes('\n')) tokens.push({ kind: 'line', text: '\n', ...place });
  }
  return tokens;
}

const wordCharacter = /[\p{L}\p{M}\p{N}]/u;

/** @param run One sign, or the same several times. */
function kindOfSign(
  run: string,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): Token['kind'] | undefined {
  const sign = run === '->' || run === '=>' ? run : (run[0] ?? '');
  const before = text[start - 1] ?? '\n';
  const after = text[end] ?? '\n';
  const isWithin = wordCharacter.test(before) && wordCharacter.test(after);
  if ((sign === '_' || sign === '-') && isWithin) return 'glue';
  if (decoration.has(sign)) return undefined;
  if (opening.has(sign)) return 'open';
  if (closing.has(sign)) return 'close';
  if (sign === ',' || sign === '、' || sign === '，') return 'comma';
  if (colons.has(sign)) return 'colon';
  // A mark of exclamation before a word is a no in many languages of programs.
  if (sign === '!' && wordCharacter.test(after)) return 'sign';
  if (ends.has(sign)) return 'end';
  if (sign === '>' && /[\n>]/.test(before) && !/\p{N}/u.test(after)) return undefined;
  if (bullets.has(sign)) {
    const isFree = /[\s\n]/.test(after) || sign !== '-';
    if (!isFree) return 'sign';
    return isLineStart(text, start) ? undefined : 'dash';
  }
  return 'sign';
}

/** Whether only spaces and decoration stand before a place in its line; looks back a few characters. */
function isLineStart(text: string, at: number): boolean {
  for (let index = at - 1; index >= 0 && index > at - 12; index -= 1) {
    const character = text[index] ?? '';
    if (character === '\n') return true;
    if (!/\s/.test(character) && !decoration.has(character)) return false;
  }
  return at <= 11;
}
