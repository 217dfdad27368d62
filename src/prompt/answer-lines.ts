import type { Json, JsonObject } from '../base/json.ts';
import { labelOf, type Signature } from '../signature/signature.ts';
import { escapeMarks } from './answer-text.ts';
import { valueText } from './template.ts';

/** The outputs that are there as `Name: value` lines: what the parser reads back for values of one line. */
export function answerLines(outputs: JsonObject, signature: Signature): string {
  const lines: string[] = [];
  for (const field of signature.outputs) {
    const value = outputs[field.name];
    if (value !== undefined) lines.push(`${labelOf(field.name)}: ${lineText(value)}`);
  }
  return lines.join('\n');
}

/** A blank line ends the answer, so a demo's answer has none. */
function lineText(value: Json): string {
  return escapeMarks(valueText(value))
    .replace(/\n(?:[ \t]*\n)+/g, '\n')
    .trim();
}
