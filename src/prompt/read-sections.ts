import { type Field, labelOf } from '../signature/signature.ts';
import { plainName } from './plain-name.ts';

/** The texts of a field's tags; `strict` when the whole answer kept to the form. */
export interface TaggedText {
  readonly texts: readonly string[];
  readonly step: 'strict' | 'repaired';
}

/** A field's name as a tag: letters, digits, `_`, `-` and `.`. */
export function tagOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.-]+/gu, '_');
}

/**
 * The texts between tags. First the strict form, in which the answer is nothing but the tags in order, each at
 * the start of a line, so that a value may hold anything, tags too, as long as no line of it starts with the
 * next tag; else every tag wherever it is, a missing end filled in unless the answer was cut.
 */
export function readTagged(
  answer: string,
  fields: readonly Field[],
  { cut = false }: { readonly cut?: boolean | undefined } = {},
): ReadonlyMap<string, TaggedText> {
  if (!answer.includes('<')) return new Map();
  return readStrict(answer.trim(), fields) ?? readAnywhere(answer, fields, cut);
}

function readStrict(answer: string, fields: readonly Field[]): Map<string, TaggedText> | undefined {
  const found = new Map<string, TaggedText>();
  let at = 0;
  for (const [index, field] of fields.entries()) {
    const open = `<${tagOf(field.name)}>`;
    const close = `</${tagOf(field.name)}>`;
    if (!answer.startsWith(open, at)) {
      if (field.optional) continue;
      return undefined;
    }
    const from = at + open.length;
    const end = endOfSection(answer, { from, close, later: fields.slice(index + 1) });
    if (end === undefined) return undefined;
    found.set(field.name, { texts: [unwrapped(answer.slice(from, end))], step: 'strict' });
    at = skip(/\s*/y, answer, end + close.length);
  }
  return at === answer.length && found.size > 0 ? found : undefined;
}

/** The first end tag that the start of a later section on a line of its own, or the end of the answer, follows. */
function endOfSection(
  text: string,
  { from, close, later }: { readonly from: number; readonly close: string; readonly later: readonly Field[] },
): number | undefined {
  const openings = later.map((field) => `<${tagOf(field.name)}>`);
  for (let at = text.indexOf(close, from); at !== -1; at = text.indexOf(close, at + 1)) {
    const after = at + close.length;
    const next = skip(/\s*/y, text, after);
    if (next === text.length) return at;
    const isOnOwnLine = text.slice(after, next).includes('\n');
    if (isOnOwnLine && openings.some((opening) => text.startsWith(opening, next))) return at;
  }
  return undefined;
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return from + (pattern.exec(text)?.[0].length ?? 0);
}

/** A value of several lines stands on lines of its own between its tags. */
function unwrapped(text: string): string {
  return text.startsWith('\n') && text.endsWith('\n') && text.length > 1 ? text.slice(1, -1) : text;
}

function readAnywhere(answer: string, fields: readonly Field[], cut: boolean): Map<string, TaggedText> {
  const byName = new Map(fields.map((field) => [plainName(tagOf(field.name)), field]));
  const known = new Map<string, Field | undefined>();
  const fieldOf = (tag: string) => {
    if (!known.has(tag)) known.set(tag, byName.get(plainName(tag)));
    return known.get(tag);
  };
  const openings = [...answer.matchAll(/<([\p{L}\p{N}_.-]{1,80})>/gu)].flatMap((match) => {
    const [opening, tag = ''] = match;
    const field = fieldOf(tag);
    return field === undefined ? [] : [{ field, tag, start: match.index, end: match.index + opening.length }];
  });
  const texts = new Map<string, string[]>();
  const unclosed = new Set<string>();
  let passed = 0;
  for (const [index, { field, tag, start, end }] of openings.entries()) {
    if (start < passed) continue;
    let after = index + 1;
    while (openings[after]?.field === field) after += 1;
    const limit = openings[after]?.start ?? answer.length;
    const closing = `</${tag}>`;
    const close = unclosed.has(closing) ? -1 : answer.indexOf(closing, end);
    if (close === -1) unclosed.add(closing);
    const isClosed = close !== -1 && close <= limit;
    const until = isClosed ? close : limit;
    const text = answer.slice(end, until).trim();
    // A tag that was begun and left is no empty value.
    if (!isClosed && (cut || text === '')) continue;
    passed = until;
    texts.set(field.name, [...(texts.get(field.name) ?? []), text]);
  }
  return new Map([...texts].map(([name, all]) => [name, { texts: all, step: 'repaired' }]));
}

/** The texts after `Name:` at the start of a line, up to the next field's line. */
export function readLabelled(
  answer: string,
  fields: readonly Field[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Map(
    fields.flatMap((field) => [
      [plainName(field.name), field] as const,
      [plainName(labelOf(field.name)), field] as const,
    ]),
  );
  const found = new Map<string, string[]>();
  let current: { readonly name: string; readonly lines: string[] } | undefined;
  const finish = () => {
    if (current === undefined) return;
    found.set(current.name, [...(found.get(current.name) ?? []), current.lines.join('\n').trim()]);
  };
  for (const line of answer.split('\n')) {
    const colon = line.slice(0, longestName).search(/[:：]/);
    const written = colon === -1 ? '' : line.slice(0, colon);
    const field = /^[\s>*_#`-]*[\p{L}\p{N}_]/u.test(written) ? names.get(plainName(written)) : undefined;
    if (field === undefined) current?.lines.push(line);
    else {
      finish();
      current = { name: field.name, lines: [line.slice(colon + 1).replace(/^[*_`]+/, '')] };
    }
  }
  finish();
  return found;
}

/** Furthest that a colon may stand from the start of its line. */
const longestName = 120;
