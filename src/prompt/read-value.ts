import { jsonrepair } from 'jsonrepair';
import { isJsonObject, type Json } from '../base/json.ts';
import { allowedStrings, kindOf, schemaIssues, withoutNull } from '../signature/json-schema.ts';
import type { Field, JsonSchema } from '../signature/signature.ts';
import type { ParseStep } from './adapter.ts';
import { readChoice } from './read-choice.ts';

export type ReadStep = Exclude<ParseStep, 're-asked'>;

export type ReadValue =
  | { readonly status: 'read'; readonly value: Json; readonly step: ReadStep }
  | { readonly status: 'unreadable'; readonly reason: string };

const steps: readonly ReadStep[] = ['strict', 'repaired', 'aliases'];

/** The more tolerant of two steps. */
export function laterStep(a: ReadStep, b: ReadStep): ReadStep {
  return steps.indexOf(a) >= steps.indexOf(b) ? a : b;
}

/** Reads a field's value from the text that a model wrote for it. */
export function readText(text: string, field: Field): ReadValue {
  const { schema, nullable } = withoutNull(field.schema);
  const trimmed = text.trim();
  if (nullable && /^(null|none)$/i.test(trimmed)) {
    return { status: 'read', value: null, step: trimmed === 'null' ? 'strict' : 'aliases' };
  }
  switch (kindOf(schema)) {
    case 'string':
      return { status: 'read', value: text, step: 'strict' };
    case 'choice':
      return choiceValue(text, schema);
    case 'number':
    case 'integer':
      return numberValue(trimmed, schema);
    case 'boolean':
      return booleanValue(trimmed);
    case 'json':
      return jsonValue(trimmed, schema);
  }
}

/** Reads a field's value from a JSON value that a model wrote for it. */
export function readJson(value: Json, field: Field): ReadValue {
  if (schemaIssues(value, field.schema).length === 0) return { status: 'read', value, step: 'strict' };
  const { schema } = withoutNull(field.schema);
  const kind = kindOf(schema);
  if (typeof value === 'string') {
    return kind === 'string' ? unfit(value, schema) : atLeast('aliases', readText(value, field));
  }
  if (kind === 'boolean' && (value === 0 || value === 1)) {
    return { status: 'read', value: value === 1, step: 'aliases' };
  }
  if ((kind === 'string' || kind === 'choice') && (typeof value === 'number' || typeof value === 'boolean')) {
    return atLeast('aliases', readText(String(value), field));
  }
  // A list of one where one value was asked for, and the other way round.
  if (kind !== 'json' && Array.isArray(value) && value.length === 1) {
    return atLeast('aliases', readJson(value[0] as Json, field));
  }
  if (schema.type === 'array' && !Array.isArray(value) && schemaIssues([value], schema).length === 0) {
    return { status: 'read', value: [value], step: 'aliases' };
  }
  return unfit(value, schema);
}

function atLeast(step: ReadStep, read: ReadValue): ReadValue {
  return read.status === 'read' ? { ...read, step: laterStep(step, read.step) } : read;
}

function unfit(value: Json, schema: JsonSchema): ReadValue {
  const [issue = 'it does not fit'] = schemaIssues(value, schema);
  return { status: 'unreadable', reason: issue };
}

function choiceValue(text: string, schema: JsonSchema): ReadValue {
  const allowed = allowedStrings(schema);
  const match = readChoice(text, allowed);
  if (match.status === 'found') {
    return { status: 'read', value: match.choice, step: match.exact ? 'strict' : 'aliases' };
  }
  if (match.status === 'ambiguous') {
    return { status: 'unreadable', reason: `it names ${match.choices.join(' and ')}` };
  }
  return { status: 'unreadable', reason: `${quote(text)} is none of ${allowed.join(', ')}` };
}

/**
 * Numbers as people write them, where only one reading is possible: `1,200.5` (commas between groups of
 * three), one number among words (`4 stars`, `$12`), and `95%`, which is 0.95 unless the schema allows more
 * than 1 by its maximum (then it is 95). `1,25`, `4/5` and a range are not read.
 */
function numberValue(text: string, schema: JsonSchema): ReadValue {
  const whole = kindOf(schema) === 'integer';
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return fitting(Number(text), 'strict', whole);
  const written = text.match(/(?<![\d.,])(?:(?<!\p{L})[-−+])?\d[\d.,]*(?:[eE][+-]?\d+)?/gu) ?? [];
  const [only] = written;
  if (only === undefined || written.length > 1) {
    const found = only === undefined ? 'has no number' : 'has more than one number';
    return { status: 'unreadable', reason: `${quote(text)} ${found}` };
  }
  const plain = only.replace(/[.,]+$/, '').replace('−', '-');
  const grouped = /^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain);
  if (!grouped && !/^[-+]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(plain)) {
    return { status: 'unreadable', reason: `${quote(text)} can be read as more than one number` };
  }
  const value = Number(plain.replaceAll(',', ''));
  const isShare = /\d\s*[%％]/.test(text) && !(typeof schema.maximum === 'number' && schema.maximum > 1);
  return fitting(isShare ? shareOf(value) : value, 'aliases', whole);
}

/** Percent as a share, without the noise of a binary division. */
function shareOf(percent: number): number {
  return Number((percent / 100).toPrecision(15));
}

function fitting(value: number, step: ReadStep, whole: boolean): ReadValue {
  if (!Number.isFinite(value)) return { status: 'unreadable', reason: 'the number is too large' };
  if (whole && !Number.isInteger(value)) {
    return { status: 'unreadable', reason: `${value} is not a whole number` };
  }
  return { status: 'read', value: value === 0 ? 0 : value, step };
}

/** `true`, and `Yes.` or `no, because …`: the first word decides. */
function booleanValue(text: string): ReadValue {
  if (text === 'true' || text === 'false') return { status: 'read', value: text === 'true', step: 'strict' };
  const word = /^["'“`*]*(true|false|yes|no|y|n|1|0)["'”`*]*(?:[.,;:!]|\s+[-–—]|\n|$)/i.exec(text)?.[1];
  if (word === undefined) return { status: 'unreadable', reason: `${quote(text)} is neither true nor false` };
  return { status: 'read', value: /^(true|yes|y|1)$/i.test(word), step: 'aliases' };
}

function jsonValue(text: string, schema: JsonSchema): ReadValue {
  const parsed = parseJson(text);
  if (parsed === undefined) return { status: 'unreadable', reason: `${quote(text)} is not JSON` };
  if (schemaIssues(parsed.value, schema).length > 0) return unfit(parsed.value, schema);
  return { status: 'read', ...parsed };
}

/** JSON as written, else as it can be repaired; undefined when a text is no JSON at all. */
export function parseJson(text: string): { readonly value: Json; readonly step: ReadStep } | undefined {
  try {
    return { value: JSON.parse(text) as Json, step: 'strict' };
  } catch {
    // Not strict JSON: the next step tries to repair it.
  }
  const unfenced = withoutFence(text);
  try {
    const value = JSON.parse(jsonrepair(unfenced)) as Json;
    // The repair of a plain sentence is a string of it: no JSON was meant.
    return typeof value === 'object' ? { value, step: 'repaired' } : undefined;
  } catch {
    return undefined;
  }
}

/** The content of the only Markdown code fence of a text, or the text itself. */
export function withoutFence(text: string): string {
  return /^\s*```[\w-]*[ \t]*\n([\s\S]*?)\n?[ \t]*```\s*$/.exec(text)?.[1] ?? text;
}

/** The first `{…}` of a text whose braces balance outside of strings, or undefined. */
export function firstObject(text: string): string | undefined {
  const start = text.indexOf('{');
  if (start === -1) return undefined;
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return text.slice(start, index + 1);
    }
  }
  return undefined;
}

/** The object of a text, by every means short of guessing; undefined when there is none. */
export function findObject(
  text: string,
): { readonly value: Record<string, Json>; readonly step: ReadStep } | undefined {
  const whole = parseJson(text.trim());
  if (whole !== undefined && isJsonObject(whole.value)) {
    return { value: whole.value as Record<string, Json>, step: whole.step };
  }
  const part = firstObject(text) ?? (text.includes('{') ? text.slice(text.indexOf('{')) : undefined);
  const found = part === undefined ? undefined : parseJson(part);
  if (found === undefined || !isJsonObject(found.value)) return undefined;
  return { value: found.value as Record<string, Json>, step: 'repaired' };
}

/** The text without the thoughts that some models write before their answer. */
export function withoutThoughts(text: string): string {
  return text.replace(/^\s*<(think|thinking)>[\s\S]*?<\/\1>\s*/i, '');
}

function quote(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return `“${line.length > 60 ? `${line.slice(0, 57)}…` : line}”`;
}
