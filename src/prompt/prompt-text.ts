import type { JsonObject } from '../base/json.ts';
import { ownOf, setOwn } from '../base/own-property.ts';
import { type Field, labelOf, type Signature } from '../signature/signature.ts';
import type { PromptParts } from './adapter.ts';
import { fillSlots, mayHaveSlots, slotsOf, valueText } from './template.ts';

/** The system section with its slots filled, without white space at its end. */
export function systemText(parts: PromptParts): string {
  return filled(parts.instructions, parts, parts.inputs);
}

/** Whether the system section differs from row to row. */
export function systemVaries({ instructions, signature }: PromptParts): boolean {
  return inputSlots(instructions, signature).size > 0;
}

const noSlots: ReadonlySet<string> = new Set();

/** The inputs that a text has slots for; other slots are text. */
function inputSlots(text: string, { inputs }: Signature): ReadonlySet<string> {
  if (!mayHaveSlots(text)) return noSlots;
  const names = slotsOf(text).map((slot) => slot.name);
  return new Set(names.filter((name) => inputs.some((field) => field.name === name)));
}

/**
 * What is shown of one row. With a user section: that section, and where neither section has a slot, every
 * input after it. Without: every input that the system section has no slot for, and where that leaves none,
 * every input.
 */
export function rowText(parts: PromptParts, inputs: JsonObject): string {
  const { userTemplate, instructions, signature } = parts;
  const inSystem = inputSlots(instructions, signature);
  if (userTemplate === undefined) {
    const others = signature.inputs.filter((field) => !inSystem.has(field.name));
    return labelledLines(others.length === 0 ? signature.inputs : others, inputs);
  }
  const section = filled(userTemplate, parts, inputs);
  if (inSystem.size > 0 || inputSlots(userTemplate, signature).size > 0) return section;
  const lines = labelledLines(signature.inputs, inputs);
  return section === '' ? lines : `${section}\n\n${lines}`;
}

function filled(text: string, parts: PromptParts, inputs: JsonObject): string {
  return (mayHaveSlots(text) ? fillSlots(text, slotValues(parts, inputs)) : text).trimEnd();
}

/** Every value that is there as `Name: value`, one a line. */
export function labelledLines(fields: readonly Field[], values: JsonObject): string {
  const lines: string[] = [];
  for (const field of fields) {
    const value = ownOf(values, field.name);
    if (value !== undefined) lines.push(`${labelOf(field.name)}: ${valueText(value)}`);
  }
  return lines.join('\n');
}

/** The values of slots: an input that may be absent and is leaves nothing behind. */
function slotValues({ signature }: PromptParts, inputs: JsonObject): JsonObject {
  const values: Record<string, JsonObject[string]> = {};
  for (const field of signature.inputs) setOwn(values, field.name, ownOf(inputs, field.name) ?? '');
  for (const [name, value] of Object.entries(inputs)) if (value !== undefined) setOwn(values, name, value);
  return values;
}

/** The one output whose answers can be scored. */
export function onlyOutput(outputs: readonly Field[]): Field | undefined {
  return outputs.length === 1 ? outputs[0] : undefined;
}
