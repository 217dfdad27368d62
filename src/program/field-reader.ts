import { tagOf } from '../prompt/read-sections.ts';

/** Reads the value of one field out of an answer that is still being written. */
export interface FieldReader {
  /** @returns what can be said of the value that was not said before; empty while nothing can. */
  push(text: string): string;
}

/**
 * A reader of one text field, whatever the layout of the answer: a bare value where the answer has only this field,
 * its tag, or its key in a JSON object. What it says is a beginning of the value for answers that keep to one of
 * these forms; the program's own reading of the whole answer decides.
 */
export function fieldReader(name: string, { isOnly }: { readonly isOnly: boolean }): FieldReader {
  let whole = '';
  let source: Source | undefined;
  let said = 0;
  return {
    push(text) {
      whole += text;
      source ??= sourceOf(whole, name, isOnly);
      if (source === undefined) return '';
      const value = source.read(whole);
      const more = value.slice(said);
      said = value.length;
      return more;
    },
  };
}

/** Where the value stands in an answer, and how it is read. Reads only ever become longer. */
interface Source {
  read(whole: string): string;
}

function sourceOf(whole: string, name: string, isOnly: boolean): Source | undefined {
  const start = afterThoughts(whole);
  if (start === undefined) return undefined;
  const rest = whole.slice(start);
  if (rest === '') return undefined;
  const open = `<${tagOf(name)}>`;
  const tag = rest.indexOf(open);
  const isJson = /^(?:\{|`{3})/u.test(rest);
  if (tag !== -1 && !isJson) return taggedSource(start + tag + open.length, `</${tagOf(name)}>`);
  if (isJson) {
    const key = new RegExp(`${escaped(JSON.stringify(name))}\\s*:\\s*"`, 'u').exec(rest);
    return key === null ? undefined : jsonSource(start + key.index + key[0].length);
  }
  const mayBecome = open.startsWith(rest) || '```'.startsWith(rest);
  return isOnly && !mayBecome ? bareSource(start) : undefined;
}

/** Where the answer begins, thoughts left out; undefined while that cannot be told. */
function afterThoughts(whole: string): number | undefined {
  const first = whole.search(/\S/u);
  if (first === -1) return undefined;
  const rest = whole.slice(first);
  const opening = ['<think>', '<thinking>'].find((each) => rest.startsWith(each));
  if (opening === undefined) {
    return ['<think>', '<thinking>'].some((each) => each.startsWith(rest)) ? undefined : first;
  }
  const close = opening.replace('<', '</');
  const end = whole.indexOf(close, first);
  if (end === -1) return undefined;
  const after = whole.slice(end + close.length).search(/\S/u);
  return after === -1 ? undefined : end + close.length + after;
}

function bareSource(start: number): Source {
  return { read: (whole) => whole.slice(start).trimEnd() };
}

function taggedSource(from: number, close: string): Source {
  let searched = from;
  let end = -1;
  return {
    read(whole) {
      if (end === -1) {
        end = whole.indexOf(close, searched);
        searched = Math.max(from, whole.length - close.length + 1);
      }
      // The end may have begun: what could be a part of it is not said yet.
      const until = end === -1 ? withoutBegun(whole, close) : end;
      return whole.slice(from, Math.max(from, until)).replace(/^\s+/u, '').trimEnd();
    },
  };
}

/** Where a text ends that is sure not to belong to `mark`. */
function withoutBegun(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return text.length - length;
  }
  return text.length;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function jsonSource(from: number): Source {
  let at = from;
  let value = '';
  let ended = false;
  return {
    read(whole) {
      while (!ended && at < whole.length) {
        const sign = whole[at] ?? '';
        if (sign === '"') ended = true;
        else if (sign !== '\\') {
          value += sign;
          at += 1;
        } else {
          const next = whole[at + 1];
          if (next === undefined) break;
          if (next === 'u') {
            const digits = whole.slice(at + 2, at + 6);
            if (digits.length < 4) break;
            value += String.fromCharCode(Number.parseInt(digits, 16));
            at += 6;
          } else {
            value += escapes[next] ?? next;
            at += 2;
          }
        }
      }
      return value.trimEnd();
    },
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
