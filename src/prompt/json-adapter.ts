import { isJsonObject, type JsonObject } from '../base/json.ts';
import { describeField } from '../signature/describe-field.ts';
import { kindOf, objectSchemaOf } from '../signature/json-schema.ts';
import { labelOf, type Signature, withOutputs } from '../signature/signature.ts';
import type { Adapter, ParseOptions, ParseResult } from './adapter.ts';
import { answerText } from './answer-text.ts';
import { chatMessages } from './chat-messages.ts';
import { choiceField } from './choice-field.ts';
import { onlyOutput } from './prompt-text.ts';
import { readAnswer } from './read-answer.ts';
import { collectOutputs, outputsOfObjects, unreadable } from './read-outputs.ts';
import { findObjects, readTolerantJson } from './tolerant-json.ts';

/** A conversation whose answers are one JSON object with a key for each output. */
export const jsonAdapter: Adapter = {
  format: 'json',

  render(parts) {
    return {
      ...chatMessages(parts, {
        answerForm: answerForm(parts.signature),
        renderAnswer: (outputs) => renderJsonAnswer(outputs, parts.signature),
      }),
      responseSchema: objectSchemaOf(parts.signature.outputs),
    };
  },

  parse: parseJsonAnswer,

  renderReask(missing, signature) {
    const wanted = withOutputs(signature, missing);
    const names = wanted.outputs.map((field) => labelOf(field.name)).join(', ');
    return { role: 'user', content: `I could not read from your answer: ${names}.\n${answerForm(wanted)}` };
  },

  renderChoices(parts, choices) {
    const { name } = choiceField(parts.signature);
    return {
      prompt: jsonAdapter.render(parts),
      continuations: choices.map((choice) => JSON.stringify({ [name]: choice })),
    };
  },
};

/** The answer that the parser reads back: compact JSON in the order of the signature; empty without outputs. */
export function renderJsonAnswer(outputs: JsonObject, signature: Signature): string {
  const present = signature.outputs.filter((field) => outputs[field.name] !== undefined);
  if (present.length === 0) return '';
  return JSON.stringify(Object.fromEntries(present.map((field) => [field.name, outputs[field.name]])));
}

function answerForm(signature: Signature): string {
  const lines = signature.outputs.map((field) => `  ${JSON.stringify(field.name)}: ${describeField(field)}`);
  return `Answer with one JSON object, and nothing around it, with these keys:\n{\n${lines.join('\n')}\n}`;
}

function parseJsonAnswer(
  text: string,
  signature: Signature,
  { cut = false }: ParseOptions = {},
): ParseResult {
  const strict = strictObject(text);
  if (strict !== undefined) return outputsOfObjects([strict], signature, 'strict');
  const answer = answerText(text, signature);
  if (answer.status === 'none') return unreadable(signature, answer.reason);
  const objects = findObjects(answer.text, { ended: !cut });
  if (objects.length > 0) return outputsOfObjects(objects, signature, 'repaired');
  const single = onlyOutput(signature.outputs);
  // The bare value instead of the object. An open text could be anything, an apology too: it is not taken.
  if (single !== undefined && kindOf(single.schema) !== 'string') {
    const found = readAnswer(answer.text, single, { cut });
    if (found.read.status === 'read') return collectOutputs(signature, () => ({ ...found, step: 'aliases' }));
  }
  return unreadable(signature, 'The answer has no JSON object');
}

function strictObject(
  text: string,
): { readonly value: JsonObject; readonly repeated: readonly string[] } | undefined {
  // Strict JSON takes the last of repeated keys: the tolerant reader names them.
  const read = readTolerantJson(text, { start: text.length - text.trimStart().length });
  if (read === undefined || read.cut || !isJsonObject(read.value)) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return { value: read.value as JsonObject, repeated: read.repeated };
}
