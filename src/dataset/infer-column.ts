import { isBeyondExact } from '../base/decimal.ts';
import type { Json } from '../base/json.ts';
import { isWithinEdits } from './edit-bound.ts';

/** What the values of an expected column look like. */
export interface InferredColumn {
  readonly name: string;
  readonly kind: 'choice' | 'number' | 'boolean' | 'json' | 'text';
  /** Of a choice: the allowed answers, in alphabetical order (by code unit). */
  readonly choices?: readonly string[] | undefined;
  /** Why, in a few words, where it is not plain. */
  readonly because?: string | undefined;
  /** Values that may be mistakes, as sentences. */
  readonly notices: readonly string[];
}

export interface ColumnInference {
  /** @param row How the row is called, for notices. */
  add(value: Json | undefined, row: string): void;
  result(): InferredColumn;
}

/** More different answers are no closed choice. */
const mostChoices = 20;
/** Values that are counted; a column with more is open. */
const mostCounted = 1_000;
/** Share of the rows whose answer may occur once and the choice stay closed, and the rows that it takes for one. */
const rareShare = 0.05;
const rowsForRare = 20;

interface Counted {
  readonly text: string;
  readonly firstRow: string;
  count: number;
}

/**
 * Finds out what a column holds, in one pass and flat memory. A closed choice: 2 to 20 answers that occur twice or
 * more. A few that occur once leave it closed, because one mistyped answer must not open it: such an answer is
 * allowed where it is unlike the others, and named in any case. Numbers that are names (leading zeros, more digits
 * than a number keeps, phone numbers) are text.
 */
export function createColumnInference(name: string): ColumnInference {
  const counts = new Map<string, Counted>();
  const types = new Map<string, { readonly row: string; count: number }>();
  let rows = 0;
  let isOpen = false;
  return {
    add(value, row) {
      if (value === undefined || value === null) return;
      rows += 1;
      const type = typeOf(value);
      const seen = types.get(type);
      if (seen === undefined) types.set(type, { row, count: 1 });
      else seen.count += 1;
      if (type === 'json') return;
      const text = String(value);
      const counted = counts.get(text);
      if (counted !== undefined) counted.count += 1;
      else if (counts.size < mostCounted) counts.set(text, { text, firstRow: row, count: 1 });
      else isOpen = true;
    },
    result() {
      const [only, another] = types.keys();
      if (only === undefined) return { name, kind: 'text', notices: [] };
      if (types.has('json')) return { name, kind: 'json', notices: mixed(name, types) };
      if (another === undefined && (only === 'number' || only === 'boolean'))
        return plain(name, only, counts);
      const values = [...counts.values()];
      const choice = isOpen ? undefined : closedChoice(name, { values, rows });
      const notices = mixed(name, types);
      if (choice !== undefined) return { ...choice, notices: [...notices, ...choice.notices] };
      if (!isOpen && values.every(({ text }) => isNumeric(text))) return plain(name, 'number', counts);
      return { name, kind: 'text', notices };
    },
  };
}

function typeOf(value: Json): 'string' | 'number' | 'boolean' | 'json' {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'json';
}

function plain(
  name: string,
  kind: 'number' | 'boolean',
  counts: ReadonlyMap<string, Counted>,
): InferredColumn {
  const texts = [...counts.keys()].map((text) => text.trim());
  const because = kind === 'number' ? nameLike(texts) : undefined;
  return because === undefined ? { name, kind, notices: [] } : { name, kind: 'text', because, notices: [] };
}

function isNumeric(text: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim());
}

/** Why digits are a name and no amount; undefined where they are an amount. */
function nameLike(texts: readonly string[]): string | undefined {
  const whole = texts.filter((text) => /^\+?\d+$/.test(text));
  if (whole.some((text) => /^0\d/.test(text))) return 'numbers with leading zeros are names';
  if (whole.some((text) => isBeyondExact(text))) return 'they have more digits than a number keeps';
  const long = whole.filter((text) => text.length >= 9);
  return long.length > texts.length / 2 ? 'numbers of nine digits and more are names' : undefined;
}

function mixed(
  name: string,
  types: ReadonlyMap<string, { readonly row: string; readonly count: number }>,
): readonly string[] {
  if (types.size < 2) return [];
  const [[rarest = '', { row = '', count = 0 } = {}] = []] = [...types].sort(
    ([, a], [, b]) => a.count - b.count,
  );
  const kinds = { string: 'text', number: 'a number', boolean: 'true or false', json: 'a list or an object' };
  const what = kinds[rarest as keyof typeof kinds];
  return [
    `${name}: the value of ${row} is ${what}${count > 1 ? `, as in ${count} rows` : ''}, and others are not; all are compared as text.`,
  ];
}

function closedChoice(
  name: string,
  { values, rows }: { readonly values: readonly Counted[]; readonly rows: number },
): InferredColumn | undefined {
  const frequent = values.filter(({ count }) => count >= 2);
  const rare = values.filter(({ count }) => count === 1);
  if (frequent.length < 2 || frequent.length > mostChoices) return undefined;
  const mostRare = rows < rowsForRare ? 0 : Math.max(1, Math.floor(rareShare * rows));
  // Of amounts some always occur once.
  const texts = frequent.map(({ text }) => text);
  const mayBeRare = !texts.every(isNumeric) || nameLike(texts) !== undefined;
  if (rare.length > (mayBeRare ? mostRare : 0)) return undefined;
  const near = rare.map((each) => ({ each, like: nearest(each, frequent) }));
  const mistyped = near.flatMap(({ each, like }) => (like === undefined ? [] : [{ each, like }]));
  const single = near.filter(({ like }) => like === undefined).map(({ each }) => each);
  if (frequent.length + single.length > mostChoices) return undefined;
  const notices = [
    ...mistyped.map(
      ({ each, like }) =>
        `${name}: “${each.text}” is expected in ${each.firstRow} alone and is close to “${like.text}” (${like.count} rows). It is no allowed answer, so no answer to that row can be right: correct it if it is mistyped.`,
    ),
    ...(single.length === 0
      ? []
      : [
          `${name}: ${listed(single.map(({ text, firstRow }) => `“${text}” (${firstRow})`))} ${single.length === 1 ? 'is expected once and stays an allowed answer' : 'are expected once each and stay allowed answers'}.`,
        ]),
    ...lookAlikes(name, frequent),
  ];
  return { name, kind: 'choice', choices: [...frequent, ...single].map(({ text }) => text).sort(), notices };
}

/** The frequent answer that a rare one is a spelling of: the same but for case and spaces, or a letter or two. */
function nearest({ text }: Counted, frequent: readonly Counted[]): Counted | undefined {
  const same = frequent.find((other) => spelling(other.text) === spelling(text));
  if (same !== undefined) return same;
  const edits = Math.min(2, Math.floor(text.length / 4));
  return edits === 0
    ? undefined
    : frequent.find((other) => isWithinEdits(codesOf(spelling(text)), codesOf(spelling(other.text)), edits));
}

function codesOf(text: string): Int32Array {
  return Int32Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function spelling(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
}

function lookAlikes(name: string, frequent: readonly Counted[]): readonly string[] {
  const bySpelling = new Map<string, Counted[]>();
  for (const each of frequent) {
    bySpelling.set(spelling(each.text), [...(bySpelling.get(spelling(each.text)) ?? []), each]);
  }
  return [...bySpelling.values()]
    .filter((group) => group.length > 1)
    .map(
      (group) =>
        `${name}: ${listed(group.map(({ text, count }) => `“${text}” (${count} rows)`))} differ by case, spaces or hyphens alone and count as different answers.`,
    );
}

function listed(items: readonly string[]): string {
  const shown = items.slice(0, 5);
  const rest = items.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
