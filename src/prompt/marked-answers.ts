import { isJsonObject, type Json } from '../base/json.ts';
import { type Field, labelOf } from '../signature/signature.ts';
import { tokensOf } from './answer-tokens.ts';
import { answerNames, fillerWords } from './answer-words.ts';
import { plainName } from './plain-name.ts';
import { findObjects } from './tolerant-json.ts';

/** A place of an answer that says of itself that it is the answer. */
export type MarkedAnswer =
  | { readonly form: 'json'; readonly value: Json; readonly start: number; readonly end: number }
  /** `text` goes on to the next mark, so that what follows the value can speak against it. */
  | { readonly form: 'tag' | 'line'; readonly text: string; readonly start: number; readonly end: number };

/** An answer that marks more values than this states none. */
export const mostMarks = 64;

/** Furthest that a name may stand before its colon. */
const longestName = 60;

/**
 * The places where an answer marks the value of a field: `Label: …`, `Category → …`, a heading with the value below
 * it, a tag, `\boxed{…}`, a JSON object with the field's key; under the field's own name or a usual one (`Answer`).
 * What stands before a mark is free to weigh and to deny; the name itself must stand alone or among words that
 * change nothing, so `Not the label: …` marks nothing.
 *
 * @param options.cut Whether the text stopped at a limit: what had not ended by then is no value.
 */
export function markedAnswers(
  answer: string,
  field: Field,
  { cut = false }: { readonly cut?: boolean } = {},
): readonly MarkedAnswer[] {
  const marks = [...jsonMarks(answer, field, cut), ...tagMarks(answer, field)];
  const taken = (at: number) => marks.some(({ start, end }) => at >= start && at < end);
  const lines = lineMarks(answer, field).filter(({ start }) => !taken(start));
  const all = [...marks, ...lines].sort((a, b) => a.start - b.start);
  return all.map((mark, index) =>
    mark.form === 'json' ? mark : { ...mark, text: textOf(answer, mark, all[index + 1]?.start) },
  );
}

interface Place {
  readonly start: number;
  readonly end: number;
  /** Where the value begins. */
  readonly from: number;
}

function textOf(
  answer: string,
  { form, end, ...mark }: Place & { readonly form: string },
  next = answer.length,
): string {
  const inside = answer.slice(mark.from, Math.max(mark.from, Math.min(end, next)));
  const rest = answer.slice(end, Math.max(end, next));
  return form === 'tag' ? `${inside}\n${rest.replace(/^<\/[^>\n]{1,60}>/, '')}` : `${inside}${rest}`;
}

/** Whether a name is that of the field, or one that models use for any answer. */
export function namesAnswer(name: string, field: Field): boolean {
  const plain = plainName(name);
  return (
    plain === plainName(field.name) || plain === plainName(labelOf(field.name)) || answerNames.has(plain)
  );
}

function jsonMarks(
  answer: string,
  field: Field,
  cut: boolean,
): readonly Extract<MarkedAnswer, { form: 'json' }>[] {
  return findObjects(answer, { ended: !cut, most: mostMarks + 1 }).flatMap(
    ({ value, start, end, repeated }) => {
      if (!isJsonObject(value)) return [];
      // Keys that are given twice with different values are no answer, and no answer is looked for beside them.
      if (repeated.some((key) => namesAnswer(key, field))) return [{ form: 'json', value: null, start, end }];
      const found = valueUnder(value as Readonly<Record<string, Json>>, field);
      return found === undefined ? [] : [{ form: 'json', value: found, start, end }];
    },
  );
}

/** The value of the field's key; else that of the only usual one. */
export function valueUnder(object: Readonly<Record<string, Json>>, field: Field): Json | undefined {
  const keys = Object.keys(object);
  const own = plainName(field.name);
  const exact = keys.find((key) => key === field.name);
  const alike = exact === undefined ? keys.filter((key) => plainName(key) === own) : [exact];
  const usual = alike.length > 0 ? alike : keys.filter((key) => answerNames.has(plainName(key)));
  const [only, another] = usual;
  if (only === undefined || another !== undefined) return undefined;
  return object[only];
}

function tagMarks(
  answer: string,
  field: Field,
): readonly (Place & { readonly form: 'tag'; readonly text: string })[] {
  const marks: (Place & { readonly form: 'tag'; readonly text: string })[] = [];
  const unclosed = new Set<string>();
  for (const match of answer.matchAll(/<([\p{L}_][\p{L}\p{N}_.-]{0,60})>|\\boxed\s?\{(?:\\text\s?\{)?/gu)) {
    const [opening, name] = match;
    if (marks.length > mostMarks) break;
    if (name !== undefined && !namesAnswer(name, field)) continue;
    const from = match.index + opening.length;
    const closing = name === undefined ? '}' : `</${name}>`;
    // What is not found once is not there further on either.
    const close = unclosed.has(closing) ? -1 : answer.indexOf(closing, from);
    if (close === -1) unclosed.add(closing);
    const lineEnd = answer.indexOf('\n', from);
    const end = close !== -1 ? close : lineEnd === -1 ? answer.length : lineEnd;
    if (from < (marks.at(-1)?.end ?? 0)) continue;
    marks.push({ form: 'tag', text: '', start: match.index, from, end });
  }
  return marks;
}

function lineMarks(
  answer: string,
  field: Field,
): readonly (Place & { readonly form: 'line'; readonly text: string })[] {
  const marks: (Place & { readonly form: 'line'; readonly text: string })[] = [];
  const own = new Set(tokensOf(labelOf(field.name)).map(({ text }) => text));
  const known = new Map<string, boolean>();
  const isName = (phrase: string) => {
    const before = known.get(phrase);
    if (before !== undefined) return before;
    const names = isNameOf(phrase);
    known.set(phrase, names);
    return names;
  };
  const isNameOf = (phrase: string) => {
    const words = tokensOf(phrase).filter(({ kind }) => kind === 'word' || kind === 'sign');
    const isFree = words.every(
      ({ kind, text }) =>
        kind === 'word' && (fillerWords.has(text) || own.has(text) || answerNames.has(text)),
    );
    const names = [...words.map(({ text }) => text), words.map(({ text }) => text).join('')];
    return words.length > 0 && isFree && names.some((name) => namesAnswer(name, field));
  };
  for (const match of answer.matchAll(/[:：=→⇒➡]|->|=>/g)) {
    if (marks.length > mostMarks) break;
    const colon = match.index;
    const nameStart = clauseStart(answer, colon);
    if (colon - nameStart > longestName || !isName(answer.slice(nameStart, colon))) continue;
    marks.push(lineMark(answer, nameStart, colon + match[0].length));
  }
  for (const match of answer.matchAll(
    /^[ \t]{0,3}(?:#{1,6}|\*\*)[ \t]{0,8}([^\n:]{1,60}?)[*#: \t]{0,12}$/gmu,
  )) {
    if (isName(match[1] ?? '')) marks.push(lineMark(answer, match.index, match.index + match[0].length));
  }
  const byPlace = new Map(marks.map((mark) => [mark.from, mark]));
  return [...byPlace.values()].sort((a, b) => a.start - b.start);
}

const clauseMarks = new Set([...'\n.!?;,()[]。！？；，:=→']);

/** Where the clause before a place begins. */
function clauseStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start <= longestName && !clauseMarks.has(text[start - 1] ?? '')) start -= 1;
  return start;
}

/** The rest of the line; where that is empty, the next line that is not. */
function lineMark(answer: string, start: number, from: number) {
  const blank = /[\s*_`]*/y;
  blank.lastIndex = from;
  const begin = from + (blank.exec(answer)?.[0].length ?? 0);
  const lineEnd = answer.indexOf('\n', begin);
  return {
    form: 'line',
    text: '',
    start,
    from: begin,
    end: lineEnd === -1 ? answer.length : lineEnd,
  } as const;
}
