import type { JsonObject } from '../base/json.ts';
import { describeField } from '../signature/describe-field.ts';
import { kindOf } from '../signature/json-schema.ts';
import { type Field, labelOf, type Signature, withOutputs } from '../signature/signature.ts';
import type { Adapter, ParseResult } from './adapter.ts';
import { chatMessages } from './chat-messages.ts';
import { choiceField } from './choice-field.ts';
import { onlyOutput } from './prompt-text.ts';
import { collectOutputs, type FoundValue, outputsOfObject } from './read-outputs.ts';
import { readLabelled, readTagged, tagOf } from './read-sections.ts';
import { findObject, readText, withoutFence, withoutThoughts } from './read-value.ts';
import { valueText } from './template.ts';

/**
 * A conversation. A single output is answered by its bare value, which small models do best and which lets
 * closed choices be scored; several are answered in one tag each: `<category>billing</category>`.
 */
export const chatAdapter: Adapter = {
  format: 'chat',

  render(parts) {
    return chatMessages(parts, {
      answerForm: answerFormOf(parts.signature),
      renderAnswer: (outputs) => renderAnswer(outputs, parts.signature),
    });
  },

  parse: parseChat,

  renderReask(missing, signature) {
    const wanted = withOutputs(signature, missing);
    const names = wanted.outputs.map((field) => labelOf(field.name)).join(', ');
    return {
      role: 'user',
      content: `I could not read from your answer: ${names}.\n${answerForm(wanted, true)}`,
    };
  },

  renderChoices(parts, choices) {
    choiceField(parts.signature);
    return { prompt: chatAdapter.render(parts), continuations: choices };
  },
};

/** The answer that the parser reads back: the bare value of a single output, else a tag an output. */
export function renderAnswer(outputs: JsonObject, signature: Signature): string {
  const single = onlyOutput(signature.outputs);
  if (single !== undefined) return bareValue(single, valueText(outputs[single.name]));
  const sections: string[] = [];
  for (const field of signature.outputs) {
    const value = outputs[field.name];
    if (value === undefined) continue;
    const tag = tagOf(field.name);
    const text = valueText(value);
    sections.push(text.includes('\n') ? `<${tag}>\n${text}\n</${tag}>` : `<${tag}>${text}</${tag}>`);
  }
  return sections.join('\n');
}

/** The value itself; in its tag where it would be taken for a tag or for thoughts. */
function bareValue(field: Field, text: string): string {
  const tag = tagOf(field.name);
  return text.trimStart().startsWith(`<${tag}>`) || withoutThoughts(text) !== text
    ? `<${tag}>${text}</${tag}>`
    : text;
}

const answerForms = new WeakMap<Signature, string>();

/** The form of the answer, written once for each signature, because every row asks for it. */
function answerFormOf(signature: Signature): string {
  const known = answerForms.get(signature) ?? answerForm(signature);
  answerForms.set(signature, known);
  return known;
}

/** What the model is told about the form of its answer; nothing for a single text without a description. */
function answerForm(signature: Signature, always = false): string {
  const single = onlyOutput(signature.outputs);
  if (single !== undefined) {
    const isPlain = kindOf(single.schema) === 'string' && single.description === undefined && !always;
    if (isPlain) return '';
    return `Answer with the ${labelOf(single.name).toLowerCase()} alone, ${describeField(single)}.`;
  }
  const lines = signature.outputs.map((field) => {
    const tag = tagOf(field.name);
    return `<${tag}>${describeField(field)}</${tag}>`;
  });
  return `Answer with these tags, in this order, and nothing around them:\n${lines.join('\n')}`;
}

/** Strict form, then tags anywhere, then `Name: value` lines or a JSON object. */
function parseChat(text: string, signature: Signature): ParseResult {
  const answer = withoutThoughts(text);
  const repaired = answer !== text;
  const single = onlyOutput(signature.outputs);
  if (single !== undefined) return parseSingle(answer, { field: single, signature, repaired });
  const tagged = readTagged(answer, signature.outputs);
  const labelled = readLabelled(answer, signature.outputs);
  const sections = collectOutputs(signature, (field): FoundValue | undefined => {
    const inTag = tagged.get(field.name);
    if (inTag !== undefined) {
      return {
        read: readText(inTag.text, field),
        step: repaired && inTag.step === 'strict' ? 'repaired' : inTag.step,
      };
    }
    const inLine = labelled.get(field.name);
    return inLine === undefined ? undefined : { read: readText(inLine, field), step: 'aliases' };
  });
  if (sections.status === 'parsed' || Object.keys(sections.partial).length > 0) return sections;
  const object = findObject(answer);
  if (object === undefined) return sections;
  const ofObject = outputsOfObject(object.value, signature, 'aliases');
  return ofObject.status === 'parsed' || Object.keys(ofObject.partial).length > 0 ? ofObject : sections;
}

interface SingleAnswer {
  readonly field: Field;
  readonly signature: Signature;
  readonly repaired: boolean;
}

/** The bare value; else what its own tag, its label, a fence or a JSON object holds. */
function parseSingle(answer: string, { field, signature, repaired }: SingleAnswer): ParseResult {
  const step = repaired ? 'repaired' : 'strict';
  if (answer.trim() === '') {
    return { status: 'unparsable', reason: 'The answer is empty.', partial: {}, missing: [field.name] };
  }
  const inTag = readTagged(answer, [field]).get(field.name);
  const isWhole = inTag !== undefined && inTag.step === 'strict';
  if (kindOf(field.schema) === 'string') {
    const found = isWhole ? readText(inTag.text, field) : readText(answer.trim(), field);
    return collectOutputs(signature, () => ({ read: found, step: isWhole ? 'repaired' : step }));
  }
  const bare = readText(answer, field);
  const others: (() => FoundValue | undefined)[] = [
    () => ({ read: bare, step }),
    () => inTag && { read: readText(inTag.text, field), step: 'repaired' },
    () => ({ read: readText(withoutFence(answer), field), step: 'repaired' }),
    () => {
      const line = readLabelled(answer, [field]).get(field.name);
      return line === undefined ? undefined : { read: readText(line, field), step: 'aliases' };
    },
  ];
  for (const find of others) {
    const found = find();
    if (found?.read.status === 'read') return collectOutputs(signature, () => found);
  }
  const object = kindOf(field.schema) === 'json' ? undefined : findObject(answer);
  const ofObject = object && outputsOfObject(object.value, signature, 'aliases');
  if (ofObject?.status === 'parsed') return ofObject;
  return collectOutputs(signature, () => ({ read: bare, step }));
}
