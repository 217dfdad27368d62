import type { JsonObject } from '../base/json.ts';
import { describeField } from '../signature/describe-field.ts';
import { objectSchemaOf } from '../signature/json-schema.ts';
import { labelOf, type Signature, withOutputs } from '../signature/signature.ts';
import type { Adapter, ParseResult } from './adapter.ts';
import { chatMessages } from './chat-messages.ts';
import { choiceField } from './choice-field.ts';
import { collectOutputs, outputsOfObject } from './read-outputs.ts';
import { findObject, laterStep, readText, withoutThoughts } from './read-value.ts';

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

function parseJsonAnswer(text: string, signature: Signature): ParseResult {
  const answer = withoutThoughts(text);
  const object = findObject(answer);
  if (object !== undefined) {
    const step = answer === text ? object.step : laterStep(object.step, 'repaired');
    return outputsOfObject(object.value, signature, step);
  }
  const [single] = signature.outputs;
  if (single !== undefined && signature.outputs.length === 1 && answer.trim() !== '') {
    // The bare value instead of the object. An open text could be anything, an apology too: it is not taken.
    const read = readText(answer.trim().replace(/^"(.*)"$/s, '$1'), single);
    const isOpen = single.schema.type === 'string' && single.schema.enum === undefined;
    if (read.status === 'read' && !isOpen) {
      return collectOutputs(signature, () => ({ read, step: 'aliases' }));
    }
  }
  return {
    status: 'unparsable',
    reason: answer.trim() === '' ? 'The answer is empty.' : 'The answer has no JSON object.',
    partial: {},
    missing: signature.outputs.filter((field) => !field.optional).map((field) => field.name),
  };
}
