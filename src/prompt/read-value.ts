import type { Json } from '../base/json.ts';
import { allowedStrings, kindOf, schemaIssues, withoutNull } from '../signature/json-schema.ts';
import type { Field, JsonSchema } from '../signature/signature.ts';
import type { ParseStep } from './adapter.ts';
import { unescapeMarks } from './answer-text.ts';
import { readChoice } from './read-choice.ts';
import { readNumber } from './read-number.ts';
import { readTolerantJson } from './tolerant-json.ts';

export type ReadStep = Exclude<ParseStep, 're-asked'>;

export type ReadValue =
  | { readonly status: 'read'; readonly value: Json; readonly step: ReadStep }
  /** The answer says that there is none, and there need not be one. */
  | { readonly status: 'absent' }
  | { readonly status: 'unreadable'; readonly reason: string };

const steps: readonly ReadStep[] = ['strict', 'repaired', 'aliases'];

/** The more tolerant of two steps. */
export function laterStep(a: ReadStep, b: ReadStep): ReadStep {
  return steps.indexOf(a) >= steps.indexOf(b) ? a : b;
}

/** Characters in which a choice, a number, or yes or no may be looked for: its reason may stand beside it. */
const longestClosed = 20_000;

/** How models write that there is no value. */
const nothing = /^(?:null|none|nil|n\/a|n\.a\.|na|not applicable|-|–|—|undefined)?\.?$/i;

/** Reads a field's value from the text that a model wrote for it. */
export function readText(text: string, field: Field): ReadValue {
  const { schema, nullable } = withoutNull(field.schema);
  const trimmed = text.trim();
  const kind = kindOf(schema);
  if ((nullable || field.optional) && nothing.test(trimmed) && !allowedStrings(schema).includes(trimmed)) {
    if (field.optional) return { status: 'absent' };
    if (trimmed !== '') {
      return { status: 'read', value: null, step: trimmed === 'null' ? 'strict' : 'aliases' };
    }
  }
  if (trimmed === '' && kind !== 'string') return { status: 'unreadable', reason: 'it is empty' };
  if (trimmed.length > longestClosed && kind !== 'string' && kind !== 'json') {
    return { status: 'unreadable', reason: `${trimmed.length} characters are too many for one value` };
  }
  switch (kind) {
    case 'string':
      return { status: 'read', value: unescapeMarks(text), step: 'strict' };
    case 'choice':
      return choiceValue(text, field, schema);
    case 'number':
    case 'integer':
      return numberValue(trimmed, schema);
    case 'boolean':
      return booleanValue(trimmed, field);
    case 'json':
      return jsonValue(trimmed, schema);
  }
}

/** Reads a field's value from a JSON value that a model wrote for it. */
export function readJson(value: Json, field: Field): ReadValue {
  if (value === null && field.optional) return { status: 'absent' };
  if (schemaIssues(value, field.schema).length === 0) return { status: 'read', value, step: 'strict' };
  const { schema } = withoutNull(field.schema);
  const kind = kindOf(schema);
  if (typeof value === 'string') {
    return kind === 'string' && !nothing.test(value.trim())
      ? unfit(value, schema)
      : atLeast('aliases', readText(value, field));
  }
  if (kind === 'boolean' && (value === 0 || value === 1)) {
    return { status: 'read', value: value === 1, step: 'aliases' };
  }
  if ((kind === 'string' || kind === 'choice') && (typeof value === 'number' || typeof value === 'boolean')) {
    return atLeast('aliases', readText(String(value), field));
  }
  // A list of one, or an object that holds nothing but the value, where one value was asked for.
  if (kind !== 'json' && Array.isArray(value) && value.length === 1) {
    return atLeast('aliases', readJson(value[0] as Json, field));
  }
  if (kind !== 'json' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const [only, another] = Object.entries(value);
    if (only !== undefined && another === undefined && (only[0] === 'value' || only[0] === field.name)) {
      return atLeast('aliases', readJson(only[1] as Json, field));
    }
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

function choiceValue(text: string, { name }: Field, schema: JsonSchema): ReadValue {
  const allowed = allowedStrings(schema);
  const match = readChoice(text, allowed, name);
  if (match.status === 'found') {
    return { status: 'read', value: match.choice, step: match.exact ? 'strict' : 'aliases' };
  }
  if (match.status === 'ambiguous') {
    return { status: 'unreadable', reason: `it names ${match.choices.join(' and ')}` };
  }
  const [named] = match.named;
  const reason =
    named === undefined
      ? `${quote(text)} is none of ${allowed.join(', ')}`
      : `${quote(text)} names ${named} among other words, so it may mean that or not`;
  return { status: 'unreadable', reason };
}

/** Percent is a share only where the schema allows nothing above 1. */
function numberValue(text: string, schema: JsonSchema): ReadValue {
  const match = readNumber(text);
  if (match.status === 'unreadable')
    return { status: 'unreadable', reason: `${quote(text)} ${match.reason}` };
  const { maximum } = schema;
  const isShare = match.percent && typeof maximum === 'number' && maximum <= 1;
  // Without the noise of a binary division.
  const value = isShare ? Number((match.value / 100).toPrecision(15)) : match.value;
  if (kindOf(schema) === 'integer' && !Number.isInteger(value)) {
    return { status: 'unreadable', reason: `${value} is not a whole number` };
  }
  return { status: 'read', value, step: match.exact ? 'strict' : 'aliases' };
}

/** `true`, and `Yes.` or `no, because …`; `1` and `y` only by themselves. */
function booleanValue(text: string, { name }: Field): ReadValue {
  if (text === 'true' || text === 'false') return { status: 'read', value: text === 'true', step: 'strict' };
  const bare = /^["'`*]*([yn10])["'`*.]*$/i.exec(text)?.[1]?.toLowerCase();
  if (bare !== undefined) return { status: 'read', value: bare === 'y' || bare === '1', step: 'aliases' };
  const matches = [readChoice(text, ['true', 'false'], name), readChoice(text, ['yes', 'no'], name)];
  const said = matches.flatMap((match) => (match.status === 'found' ? [match.choice] : []));
  const values = new Set(said.map((choice) => choice === 'true' || choice === 'yes'));
  const [value] = values;
  const isDoubtful = matches.some(({ status }) => status === 'ambiguous');
  if (value === undefined || values.size > 1 || isDoubtful) {
    return { status: 'unreadable', reason: `${quote(text)} is neither true nor false` };
  }
  return { status: 'read', value, step: 'aliases' };
}

function jsonValue(text: string, schema: JsonSchema): ReadValue {
  const parsed = parseJson(text);
  if (parsed === undefined) return { status: 'unreadable', reason: `${quote(text)} is not JSON` };
  if (schemaIssues(parsed.value, schema).length > 0) return unfit(parsed.value, schema);
  return { status: 'read', ...parsed };
}

/** JSON as written, else as models write it; undefined when a text is none from end to end, or was cut. */
export function parseJson(text: string): { readonly value: Json; readonly step: ReadStep } | undefined {
  try {
    return { value: JSON.parse(text) as Json, step: 'strict' };
  } catch {
    // Not strict JSON: the tolerant reader follows.
  }
  const unfenced = withoutFence(text).trim();
  const read = readTolerantJson(unfenced);
  if (read === undefined || read.cut || read.repeated.length > 0) return undefined;
  return unfenced.slice(read.end).trim() === '' ? { value: read.value, step: 'repaired' } : undefined;
}

/** The content of the only Markdown code fence of a text, or the text itself. */
export function withoutFence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('```') || !trimmed.endsWith('```')) return text;
  const firstLine = trimmed.indexOf('\n');
  const inside = firstLine === -1 ? undefined : trimmed.slice(firstLine + 1, -3);
  return inside === undefined || inside.includes('```') ? text : inside;
}

/** What stands in the code fences of a text, in order. */
export function fencedTexts(text: string): readonly string[] {
  return text
    .split('```')
    .filter((_, index) => index % 2 === 1)
    .map((inside) => inside.replace(/^[\w-]{0,40}[ \t]*\n/, ''));
}

function quote(text: string): string {
  const line = text.trim().slice(0, 200).replace(/\s+/g, ' ');
  return `“${line.length > 60 ? `${line.slice(0, 57)}…` : line}”`;
}
