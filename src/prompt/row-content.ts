import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { type Content, type ContentPart, type FilePart, isFilePart } from '../model/content.ts';
import type { Message } from '../model/model.ts';
import { isHistory } from '../signature/media-types.ts';
import type { PromptParts } from './adapter.ts';
import { slotsOf } from './template.ts';

/** Stands for a file while a text is made: a sign for private use with its number, which no prompt has. */
const mark = /\uE002(\d+)\uE003/u;

/** Inputs whose files are marks, and the files that they stand for. */
export interface MarkedInputs {
  readonly inputs: JsonObject;
  readonly files: readonly FilePart[];
}

/** Takes the images and files out of inputs; the same object where there are none. */
export function markFiles(inputs: JsonObject): MarkedInputs {
  const files: FilePart[] = [];
  if (!Object.values(inputs).some(mayHoldFile)) return { inputs, files };
  const marked = (value: Json | undefined): Json | undefined => {
    if (isFilePart(value)) {
      files.push(value);
      return `\uE002${files.length - 1}\uE003`;
    }
    if (Array.isArray(value)) {
      const items = value.map((item: Json) => marked(item) ?? null);
      // A list of files is those files, one after another, and not JSON with them in it.
      return value.length > 0 && value.every(isFilePart) ? items.join(' ') : items;
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([key, inner]) => [key, marked(inner)]),
    );
  };
  const replaced = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, marked(value)]));
  return files.length === 0 ? { inputs, files } : { inputs: replaced, files };
}

function mayHoldFile(value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isFilePart(value) || Object.values(value).some(mayHoldFile);
}

/** A text with files in the places of their marks. */
export function contentOf(text: string, files: readonly FilePart[]): Content {
  if (files.length === 0) return text;
  const parts: ContentPart[] = [];
  for (const [index, piece] of text.split(new RegExp(mark.source, 'u')).entries()) {
    if (index % 2 === 0) {
      if (piece !== '') parts.push({ type: 'text', text: piece });
    } else {
      const file = files[Number(piece)];
      parts.push(file ?? { type: 'text', text: `\uE002${piece}\uE003` });
    }
  }
  return parts;
}

/** @throws {HoneError} `HONE_OPTION_INVALID` when a text that can be nothing else holds a file. */
export function requireNoFile(text: string, place: string): string {
  if (!mark.test(text)) return text;
  throw new HoneError(`An image or a file cannot stand in ${place}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Put its slot into the user section, and use the layout chat or json.',
  });
}

/** @throws {HoneError} `HONE_OPTION_INVALID` when a row has files and its layout takes text alone. */
export function requireTextInputs(inputs: JsonObject, layout: string): void {
  if (!Object.values(inputs).some(mayHoldFile)) return;
  requireNoFile('\uE0020\uE003', `a prompt of the layout ${layout}`);
}

/** The conversation before the row as messages, and the parts without it: what has a slot for it stays text. */
export function withoutHistory(parts: PromptParts): {
  readonly parts: PromptParts;
  readonly history: readonly Message[];
} {
  const { signature, instructions, userTemplate = '', inputs } = parts;
  const fields = signature.inputs.filter(isHistory);
  if (fields.length === 0) return { parts, history: [] };
  const slots = new Set([...slotsOf(instructions), ...slotsOf(userTemplate)].map(({ name }) => name));
  const taken = fields.filter(({ name }) => !slots.has(name));
  const turns = taken.flatMap(({ name }) => turnsOf(inputs[name], name));
  const left = signature.inputs.filter((field) => !taken.includes(field));
  return {
    parts: { ...parts, signature: { ...signature, inputs: left } },
    history: turns,
  };
}

function turnsOf(value: Json | undefined, name: string): readonly Message[] {
  if (value === undefined || value === null) return [];
  const turns = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return turns.map((turn): Message => {
    const { role, content } = (typeof turn === 'object' && turn !== null ? turn : {}) as Readonly<
      Record<string, unknown>
    >;
    const isRight = (role === 'user' || role === 'assistant') && typeof content === 'string';
    if (isRight) return { role, content };
    throw new HoneError(
      `The input "${name}" is no conversation: ${JSON.stringify(turn)} is no turn of one.`,
      {
        code: 'HONE_FIELD_MISSING',
        hint: "Give a list of { role: 'user' | 'assistant', content: '…' }.",
      },
    );
  });
}
