import { isBeyondExact } from '../base/decimal.ts';
import { plainText, trimUnseen } from '../base/plain-text.ts';
import { type Token, tokensOf } from './answer-tokens.ts';
import { corrections, denials } from './answer-words.ts';
import { withoutFormatting } from './read-choice.ts';

export type NumberMatch =
  | { readonly status: 'found'; readonly value: number; readonly percent: boolean; readonly exact: boolean }
  | { readonly status: 'unreadable'; readonly reason: string };

/** Words that make another number of the one beside them, or a bound. */
const changing = new Set(
  `
  thousand thousands million millions billion billions trillion dozen dozens hundred hundreds half quarter third double
  tausend millionen million milliarden milliarde hundert mille millions milliards mil millones millón millions milhões
  mila milioni miljoen miljard тысяч тысячи миллион миллионов 万 億 亿 百 千 만 억
  k m b bn mn tn
  less more fewer greater smaller larger higher lower than under over below above least most exceeding exceeds beyond
  minimum maximum max upto between from or versus vs plus times divided squared cubed percentile
  weniger mehr unter über mindestens höchstens zwischen oder als bis
  moins plus entre ou au jusqu'à menos más o hasta meno più tra fino minder meer tussen up
  меньше больше менее более от до или 以上 以下 未満 超 超过 少于 多于 至少 至多 不到 大于 小于
  `
    .trim()
    .split(/\s+/),
);

const minusWords = new Set(['minus', 'negative', 'минус', '负', 'マイナス']);

/** Signs that make a calculation, a ratio, a range or a bound of numbers. */
const joining = new Set([...'<>≤≥±+*×·÷/^√∑≈∞&']);

/** Units that are written without a space; letters that also stand for thousands or millions are none of them. */
const units =
  'kg|mg|µg|g|km|cm|mm|nm|kb|mb|gb|tb|ms|min|hz|khz|mhz|ghz|kw|kwh|px|pt|em|rem|ml|cl|dl|lb|lbs|oz|ft|mph|kmh|usd|eur|gbp|chf|jpy';
const literal = new RegExp(String.raw`^(\d[\d.,'’_]*)(%|٪|${units})?$`, 'i');

/**
 * The one number that an answer gives. Other words may stand beside it, unless they say no, make another number of
 * it or a bound (`12 million`, `less than 12`, `not 12`). Groups of three (`1,200.5`, `1'234`, `1.234,50 €`) and a
 * decimal comma behind them are read; `1,25`, `4/5`, `12-13`, `12:30`, `12th` and words are not. The same number
 * twice is one; behind `=` stands the result.
 */
export function readNumber(text: string): NumberMatch {
  const plain = trimUnseen(plainText(withoutFormatting(text)));
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(plain))
    return valueOfPlain(plain, { exact: true });
  const whole = wholeNumber(plain);
  if (whole !== undefined) return valueOfPlain(whole.digits, { percent: whole.percent });
  const result = plain.lastIndexOf('=');
  if (result !== -1) {
    const behind = readNumber(plain.slice(result + 1));
    if (behind.status === 'found') return behind;
  }
  const lines = plain.split('\n', 1);
  const first = lines[0] === plain ? undefined : wholeNumber(trimUnseen(lines[0] ?? ''));
  const tokens = tokensOf(plain);
  const found = numbersIn(tokens, plain);
  if (typeof found === 'string') return { status: 'unreadable', reason: found };
  const distinct = [...new Map(found.map((each) => [`${each.digits} ${each.percent}`, each])).values()];
  const [only, another] = distinct;
  if (only === undefined) return { status: 'unreadable', reason: 'has no number' };
  if (another !== undefined) {
    // A first line that is a number and nothing else is the answer; prose below it may hold others.
    if (first === undefined || !isExplanation(plain.slice(lines[0]?.length))) {
      return { status: 'unreadable', reason: 'has more than one number' };
    }
    return valueOfPlain(first.digits, { percent: first.percent });
  }
  return valueOfPlain(only.digits, { percent: only.percent });
}

function valueOfPlain(
  digits: string,
  { exact = false, percent = false }: { readonly exact?: boolean; readonly percent?: boolean },
): NumberMatch {
  const value = Number(digits);
  if (!Number.isFinite(value)) return { status: 'unreadable', reason: 'is too large a number' };
  if (isBeyondExact(digits)) {
    return { status: 'unreadable', reason: 'is a number with more digits than a number can keep' };
  }
  return { status: 'found', value: value === 0 ? 0 : value, percent, exact };
}

interface Written {
  /** As JavaScript writes it. */
  readonly digits: string;
  readonly percent: boolean;
}

const currency = '[$€£¥₹₽₩]';
const wholeForm = new RegExp(
  String.raw`^(?:=\s*)?([-+]?)\s?${currency}?\s?(\.\d{1,30}|\d[\d.,'_ ]{0,60})(?:\s?[x×*]\s?10\s?(?:\^|\*\*)\s?([-+]?\d{1,3})|[eE]([-+]?\d{1,3}))?\s?(%|percent|${currency})?[.?!]?$`,
);

/** A text that is a number and nothing else. */
function wholeNumber(text: string): Written | undefined {
  const match = wholeForm.exec(text);
  if (match === null) return undefined;
  const [, sign = '', body = '', power, exponent, mark = ''] = match;
  const plain = decimal(body.replace(/[.,]\s*$/, '').trim());
  if (plain === undefined) return undefined;
  const scale = power ?? exponent;
  const digits = `${sign === '-' ? '-' : ''}${plain}${scale === undefined ? '' : `e${scale}`}`;
  return { digits, percent: mark === '%' || mark === 'percent' };
}

/** Digits with separators as a plain decimal; undefined where they can be read in two ways. */
function decimal(body: string): string | undefined {
  if (/^\d+$/.test(body) || /^\d*\.\d+$/.test(body)) return body;
  const grouped = /^\d{1,3}(?:([,'_ ])\d{3})(?:\1\d{3})*(?:\.\d+)?$/.exec(body);
  if (grouped !== null) return body.replaceAll(grouped[1] ?? ',', '');
  // Points between groups: sure with a comma behind them, or with two of them.
  if (/^\d{1,3}(?:[. ]\d{3})+,\d+$/.test(body)) return body.replace(/[. ]/g, '').replace(',', '.');
  if (/^\d{1,3}(?:\.\d{3}){2,}$/.test(body)) return body.replaceAll('.', '');
  return undefined;
}

/** Every number of a text, or why none may be read. */
function numbersIn(tokens: readonly Token[], text: string): readonly Written[] | string {
  const found: Written[] = [];
  for (const [at, token] of tokens.entries()) {
    const isSigned = minusWords.has(token.text);
    if (token.kind === 'word' && !isSigned && (denials.has(token.text) || changing.has(token.text))) {
      return `says “${token.text}” beside a number`;
    }
    if (token.kind === 'word' && at < 2 && corrections.has(token.text)) return `says “${token.text}”`;
    if (token.kind !== 'word' || !/^\p{N}/u.test(token.text)) continue;
    const [before, next] = [tokens[at - 1], tokens[at + 1]];
    // `COVID-19` and `H2O` are names; `12-13` and `2024-01-12` are more than a number.
    const isGlued = (other: Token | undefined) => other?.kind === 'glue';
    if (isGlued(before) || isGlued(next)) {
      const isName = isGlued(before) && /^\p{L}/u.test(tokens[at - 2]?.text ?? '');
      if (isName && !isGlued(next)) continue;
      return 'has numbers that belong together';
    }
    if (/[\p{L}\p{N}]/u.test(text[token.start - 1] ?? '')) continue;
    const match = literal.exec(token.text);
    const fraction = text[token.start - 1] === '.' ? '0.' : '';
    const plain = match === null ? undefined : decimal((match[1] ?? '').replace(/[.,]+$/, ''));
    if (plain === undefined) return `“${token.raw}” can be read in more than one way`;
    const signs = signsAround(tokens, at, text);
    if (signs === undefined) return 'has numbers that belong together';
    found.push({
      digits: `${signs}${fraction}${plain}`,
      percent: /[%٪]/.test(match?.[2] ?? '') || next?.text === '%' || next?.text === 'percent',
    });
  }
  return found;
}

/** The sign before a number; undefined where a sign beside it makes more of it than a number. */
function signsAround(tokens: readonly Token[], at: number, text: string): '-' | '' | undefined {
  const [before, token, next] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (next?.kind === 'sign' && joining.has(next.text[0] ?? '')) return undefined;
  if (next?.kind === 'dash' && /^\p{N}/u.test(tokens[at + 2]?.text ?? '')) return undefined;
  if (before === undefined) return '';
  if (before.kind === 'word' && minusWords.has(before.text)) return '-';
  if (before.kind !== 'sign' && before.kind !== 'dash') return '';
  const isBeside = token !== undefined && before.end === token.start;
  if (before.text === '-' && isBeside)
    return /[\p{L}\p{N})]/u.test(text[before.start - 1] ?? '') ? undefined : '-';
  if (before.text === '+' && isBeside && at === 1) return '';
  return joining.has(before.text[0] ?? '') ? undefined : '';
}

/** Text below an answer that neither takes it back nor gives another. */
function isExplanation(text: string): boolean {
  return text.split('\n').every((line) => {
    const trimmed = line.trim();
    if (trimmed === '') return true;
    const words = tokensOf(trimmed).filter(({ kind }) => kind === 'word');
    const isOpening = words.slice(0, 2).some((word) => corrections.has(word.text));
    return words.length > 1 && !isOpening && wholeNumber(trimmed) === undefined;
  });
}
