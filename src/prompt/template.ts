import { editDistance } from '../base/closest-match.ts';
import { HoneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';

/** One `{{name}}` in a text. */
export interface Slot {
  readonly name: string;
  /** Where its first brace is, both counted from 1. */
  readonly line: number;
  readonly column: number;
}

/**
 * A slot's name starts with a letter or an underscore and has no brace, quote, colon or line break: so JSON
 * and code in a prompt stay text. `\{{name}}` is the text `{{name}}`.
 */
const slotPattern = /(\\)?\{\{[ \t]*([\p{L}_][^{}\n"':]*?)[ \t]*\}\}/gu;

/** Whether there is anything to look for: most texts have no slot, and are asked about for every row. */
export function mayHaveSlots(text: string): boolean {
  return text.includes('{{');
}

/** The slots of a text, in their order, repeated ones repeated. */
export function slotsOf(text: string): readonly Slot[] {
  const slots: Slot[] = [];
  for (const match of text.matchAll(slotPattern)) {
    const [, escaped, name] = match;
    if (escaped !== undefined || name === undefined) continue;
    const before = text.slice(0, match.index);
    const lineStart = before.lastIndexOf('\n') + 1;
    slots.push({ name, line: before.split('\n').length, column: match.index - lineStart + 1 });
  }
  return slots;
}

/** How a value stands in a prompt: a string as it is, everything else as compact JSON. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Fills the slots of a text in one pass: what was filled in is never looked at again, so braces in data stay
 * braces. A slot that `values` has no key for stays as it is written.
 */
export function fillSlots(text: string, values: JsonObject): string {
  return text.replace(slotPattern, (written: string, escaped: string | undefined, name: string) => {
    if (escaped !== undefined) return written.slice(1);
    return Object.hasOwn(values, name) ? valueText(values[name]) : written;
  });
}

/** Text that `fillSlots` gives back as it was: for text that is no template. */
export function escapeSlots(text: string): string {
  return text.replace(slotPattern, (written: string) => `\\${written}`);
}

/**
 * Checks that every slot of a text names something known.
 *
 * @throws {HoneError} `HONE_PROMPT_UNKNOWN_SLOT` at the first that does not, with the place and the closest
 * known name.
 */
export function checkSlots(
  text: string,
  known: readonly string[],
  { file = 'The prompt', firstLine = 1 }: CheckSlotsOptions = {},
): void {
  const unknown = slotsOf(text).find((slot) => !known.includes(slot.name));
  if (unknown === undefined) return;
  const line = unknown.line + firstLine - 1;
  const closest = closestName(unknown.name, known);
  throw new HoneError(
    `${file}, line ${line}, column ${unknown.column}: there is no column “${unknown.name}” for the slot {{${unknown.name}}}.`,
    {
      code: 'HONE_PROMPT_UNKNOWN_SLOT',
      hint:
        closest === undefined
          ? `Use one of: ${known.map((name) => `{{${name}}}`).join(', ') || '(there are no columns)'}; or write \\{{${unknown.name}}} for the text itself.`
          : `Write {{${closest}}}, or one of: ${known.join(', ')}; or \\{{${unknown.name}}} for the text itself.`,
      facts: { file, line, column: unknown.column, slot: unknown.name, closest },
    },
  );
}

export interface CheckSlotsOptions {
  /** Named in the error. @default 'The prompt' */
  readonly file?: string | undefined;
  /** The line of the file where the text starts. @default 1 */
  readonly firstLine?: number | undefined;
}

/** The known name that is nearest in spelling, or undefined when none is near. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  let closest: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      closest = candidate;
    }
  }
  return closest;
}
