import { type Field, labelOf } from '../signature/signature.ts';
import { plainName } from './read-outputs.ts';

/** The text of a field's tag; `strict` when the whole answer kept to the form. */
export interface TaggedText {
  readonly text: string;
  readonly step: 'strict' | 'repaired';
}

/** A field's name as a tag: letters, digits, `_`, `-` and `.`. */
export function tagOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.-]+/gu, '_');
}

/**
 * The texts between tags. First the strict form, in which the answer is nothing but the tags in order, each at
 * the start of a line, so that a value may hold anything, tags too, as long as no line of it starts with the
 * next tag; else every tag wherever it is, a missing end filled in.
 */
export function readTagged(answer: string, fields: readonly Field[]): ReadonlyMap<string, TaggedText> {
  if (!answer.includes('<')) return new Map();
  return readStrict(answer.trim(), fields) ?? readAnywhere(answer, fields);
}

function readStrict(answer: string, fields: readonly Field[]): Map<string, TaggedText> | undefined {
  const found = new Map<string, TaggedText>();
  let rest = answer;
  for (const [index, field] of fields.entries()) {
    const open = `<${tagOf(field.name)}>`;
    const close = `</${tagOf(field.name)}>`;
    if (!rest.startsWith(open)) {
      if (field.optional) continue;
      return undefined;
    }
    const end = endOfSection(rest, close, fields.slice(index + 1));
    if (end === undefined) return undefined;
    found.set(field.name, { text: unwrapped(rest.slice(open.length, end)), step: 'strict' });
    rest = rest.slice(end + close.length).replace(/^\s*\n/, '');
  }
  return rest.trim() === '' && found.size > 0 ? found : undefined;
}

/** The first end tag that the start of a later section, or the end of the answer, follows. */
function endOfSection(text: string, close: string, later: readonly Field[]): number | undefined {
  for (let at = text.indexOf(close); at !== -1; at = text.indexOf(close, at + 1)) {
    const after = text.slice(at + close.length);
    if (after.trim() === '') return at;
    const next = /^[ \t]*\n\s*(?=<)/.exec(after);
    if (next === null) continue;
    const following = after.slice(next[0].length);
    if (later.some((field) => following.startsWith(`<${tagOf(field.name)}>`))) return at;
  }
  return undefined;
}

/** A value of several lines stands on lines of its own between its tags. */
function unwrapped(text: string): string {
  return text.startsWith('\n') && text.endsWith('\n') && text.length > 1 ? text.slice(1, -1) : text;
}

function readAnywhere(answer: string, fields: readonly Field[]): Map<string, TaggedText> {
  const found = new Map<string, TaggedText>();
  const openings = [...answer.matchAll(/<([\p{L}\p{N}_.-]+)>/gu)]
    .map((match) => ({
      field: fields.find((field) => plainName(tagOf(field.name)) === plainName(match[1] ?? '')),
      tag: match[1] ?? '',
      start: match.index,
      end: match.index + match[0].length,
    }))
    .filter((opening) => opening.field !== undefined);
  for (const { field, tag, end } of openings) {
    if (field === undefined || found.has(field.name)) continue;
    const next = openings.find((other) => other.start >= end && other.field !== field);
    const limit = next?.start ?? answer.length;
    const close = answer.indexOf(`</${tag}>`, end);
    const stop = close === -1 || close > limit ? limit : close;
    found.set(field.name, { text: answer.slice(end, stop).trim(), step: 'repaired' });
  }
  return found;
}

/** The texts after `Name:` at the start of a line, up to the next field's line or a blank one. */
export function readLabelled(answer: string, fields: readonly Field[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let current: { readonly name: string; readonly lines: string[] } | undefined;
  const finish = () => {
    if (current !== undefined && !found.has(current.name))
      found.set(current.name, current.lines.join('\n').trim());
  };
  for (const line of answer.split('\n')) {
    const match = /^[\s>*_#`-]*([\p{L}\p{N}_][\p{L}\p{N}_ .()-]*?)[*_`]*\s*[:：][*_`]*(.*)$/u.exec(line);
    const field = match && fields.find((candidate) => isNamed(candidate, match[1] ?? ''));
    if (match && field) {
      finish();
      current = { name: field.name, lines: [match[2] ?? ''] };
    } else current?.lines.push(line);
  }
  finish();
  return found;
}

function isNamed(field: Field, written: string): boolean {
  return (
    plainName(written) === plainName(field.name) || plainName(written) === plainName(labelOf(field.name))
  );
}
