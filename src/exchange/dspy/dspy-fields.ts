import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { plainName } from '../../prompt/plain-name.ts';
import type { Field, JsonSchema } from '../../signature/signature.ts';
import type { PredictorState } from './dspy-state.ts';

/** What is known of the fields of one predictor. */
export interface DspyFields {
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
  readonly notes: readonly string[];
}

/** What DSPy says where nobody wrote instructions: the only place where it saves which fields are inputs. */
const defaultSentence = /^Given the fields? (.+), produce the fields? (.+)\.$/;

/** Outputs that DSPy's modules put before all others. */
const reasonNames = ['reasoning', 'rationale', 'next_thought'];

/** Keys of a demo that are no fields. */
export const demoMarks: readonly string[] = ['augmented', 'dspy_uuid', 'dspy_split'];

export interface DspyFieldsOptions {
  /** How the predictor is called in notes. */
  readonly called: string;
  /** Which fields are outputs, where somebody knows. */
  readonly outputs?: readonly string[] | undefined;
}

/**
 * The fields of a predictor. DSPy saves neither their names nor their types nor which of them are outputs: names are
 * read off descriptions, prefixes and demos; what was guessed is in the notes.
 */
export function fieldsOfState(state: PredictorState, { called, outputs }: DspyFieldsOptions): DspyFields {
  const notes: string[] = [];
  const { fields, instructions } = state.signature;
  const sentence = namesOfSentence(instructions);
  const keys = [...new Set(state.demos.flatMap((demo) => Object.keys(demo)))];
  const named = fields.map(({ prefix, description }) => {
    const name = nameOf({ prefix, description }, [...keys, ...(sentence?.all ?? [])]);
    const said = description === `\${${name}}` || description === '' ? undefined : description;
    return { name, ...(said !== undefined && { description: said }) };
  });
  const names = named.map(({ name }) => name);
  const boundary = boundaryOf(names, { sentence, outputs, called, notes });
  const typed = named.map(({ name, description }): Field => {
    const schema = schemaOfValues(state.demos.map((demo) => demo[name]));
    return { name, schema, ...(description !== undefined && { description }) };
  });
  const isTyped = typed.some(({ schema }) => schema.type !== 'string');
  if (isTyped) notes.push(`${called}: the types of its fields are taken from the demos; DSPy saves none.`);
  return { inputs: typed.slice(0, boundary), outputs: typed.slice(boundary), notes };
}

interface Sentence {
  readonly inputs: readonly string[];
  readonly all: readonly string[];
}

function namesOfSentence(instructions: string): Sentence | undefined {
  const match = defaultSentence.exec(instructions.trim());
  if (match === null) return undefined;
  const listed = (text = '') => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  const inputs = listed(match[1]);
  return { inputs, all: [...inputs, ...listed(match[2])] };
}

/** `${name}` is what DSPy says of a field without a description; a prefix is the name in title case. */
function nameOf(
  { prefix, description }: { readonly prefix: string; readonly description: string },
  known: readonly string[],
): string {
  const [, own] = /^\$\{([^}]+)\}$/.exec(description) ?? [];
  if (own !== undefined) return own;
  const label = prefix.replace(/:\s*$/, '').trim();
  const same = known.find((key) => plainName(key) === plainName(label));
  return same ?? label.toLowerCase().replaceAll(/\s+/g, '_');
}

interface BoundaryOptions {
  readonly sentence: Sentence | undefined;
  readonly outputs: readonly string[] | undefined;
  readonly called: string;
  readonly notes: string[];
}

/** How many of the fields are inputs. */
function boundaryOf(names: readonly string[], { sentence, outputs, called, notes }: BoundaryOptions): number {
  const first = outputs === undefined ? -1 : names.findIndex((name) => outputs.includes(name));
  const reason = names.findIndex((name) => reasonNames.includes(name));
  if (first > 0) return reason > 0 && reason < first ? reason : first;
  if (reason > 0) return reason;
  const said = sentence?.inputs.length ?? 0;
  if (said > 0 && said < names.length && sentence?.inputs.every((name, at) => names[at] === name))
    return said;
  const last = names.length - 1;
  notes.push(
    `${called}: DSPy does not save which fields are outputs; "${names[last]}" is taken for the only one. Name them with \`outputs\` if there are more.`,
  );
  return Math.max(1, last);
}

/** The type that all values have; text where there is none, or where they differ. */
function schemaOfValues(values: readonly (Json | undefined)[]): JsonSchema {
  const present = values.filter((value) => value !== undefined && value !== null);
  if (present.length === 0) return { type: 'string' };
  if (present.every((value) => typeof value === 'boolean')) return { type: 'boolean' };
  if (present.every((value) => Number.isInteger(value))) return { type: 'integer' };
  if (present.every((value) => typeof value === 'number')) return { type: 'number' };
  if (present.every((value) => Array.isArray(value))) return { type: 'array' };
  if (present.every((value) => isJsonObject(value))) return { type: 'object' };
  return present.every((value) => typeof value === 'string') ? { type: 'string' } : {};
}

/** Whether a demo has a value for a field. */
export function hasValue(demo: JsonObject, name: string): boolean {
  return Object.hasOwn(demo, name) && demo[name] !== undefined;
}
