import { plainText } from '../base/plain-text.ts';

/** What a token may be: a number with its sign, currency and percent, a run of letters and digits, or an emoji. */
const number = /(?<![\p{L}\p{N}])[-+]?\p{Sc}?[-+]?\d+(?:[.,]\d+)*(?:\s?[%\p{Sc}])?/u;
const word = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*/u;
const emoji =
  /\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]*(?:\u200d\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]*)*|\p{RI}{2}/u;
/** Scripts that write no space between words: each sign is a token. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const token = new RegExp(`${number.source}|${word.source}|${emoji.source}`, 'gu');
/** Within a word: a sign of an unspaced script, or a run of others. */
const part = new RegExp(`${unspaced.source}|[^${unspaced.source.slice(1, -1)}]+`, 'gu');
const sign = /\S/gu;

/**
 * The words of a text, in their order, in lower case unless `ignoreCase` is false. A number is one token with its sign,
 * currency and percent, so that `-5`, `$5` and `5 %` are no `5`; `1,234.50` is `1234.50`. Han, kana, Thai, Lao, Khmer
 * and Myanmar signs and emoji are tokens of their own. Other signs are none, unless the text has nothing else.
 */
export function tokensOf(text: string, { ignoreCase }: { readonly ignoreCase: boolean }): readonly string[] {
  const plain = plainText(text);
  const tokens = [...(ignoreCase ? plain.toLowerCase() : plain).matchAll(token)].flatMap(([found]) => {
    if (/\d/.test(found) && !/\p{L}/u.test(found)) return [plainNumber(found)];
    return unspaced.test(found) ? (found.match(part) ?? []) : [found];
  });
  return tokens.length > 0 ? tokens : (plain.match(sign) ?? []);
}

/** Without spaces, and without the commas between groups of three digits. */
function plainNumber(found: string): string {
  const tight = found.replace(/\s/gu, '');
  return /\d{1,3}(?:,\d{3})+(?!\d)/.test(tight) ? tight.replaceAll(',', '') : tight;
}

/** How many tokens two lists share, each as often as it is in both. */
export function sharedTokens(first: readonly string[], second: readonly string[]): number {
  const left = new Map<string, number>();
  for (const each of first) left.set(each, (left.get(each) ?? 0) + 1);
  let shared = 0;
  for (const each of second) {
    const open = left.get(each) ?? 0;
    if (open === 0) continue;
    left.set(each, open - 1);
    shared += 1;
  }
  return shared;
}

/** Precision, recall and their harmonic mean of so many shared of so many given and wanted; 0 of 0 is 1. */
export function overlap(counts: {
  readonly shared: number;
  readonly given: number;
  readonly wanted: number;
}): {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
} {
  const { shared, given, wanted } = counts;
  if (given === 0 && wanted === 0) return { precision: 1, recall: 1, f1: 1 };
  return {
    precision: given === 0 ? 0 : shared / given,
    recall: wanted === 0 ? 0 : shared / wanted,
    f1: (2 * shared) / (given + wanted),
  };
}
