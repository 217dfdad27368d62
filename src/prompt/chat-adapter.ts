import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { describeField } from '../signature/describe-field.ts';
import { kindOf } from '../signature/json-schema.ts';
import { type Field, labelOf, type Signature, withOutputs } from '../signature/signature.ts';
import type { Adapter, ParseOptions, ParseResult } from './adapter.ts';
import { answerText, escapeMarks } from './answer-text.ts';
import { chatMessages } from './chat-messages.ts';
import { choiceField } from './choice-field.ts';
import { onlyOutput } from './prompt-text.ts';
import { agreement, type FoundValue, readAnswer } from './read-answer.ts';
import { collectOutputs, outputsOfObjects, unreadable } from './read-outputs.ts';
import { readLabelled, readTagged, tagOf } from './read-sections.ts';
import { fencedTexts, laterStep, readJson, readText, withoutFence } from './read-value.ts';
import { valueText } from './template.ts';
import { findObjects } from './tolerant-json.ts';

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
  if (single !== undefined) return bareValue(single, escapeMarks(valueText(outputs[single.name])));
  const sections: string[] = [];
  for (const field of signature.outputs) {
    const value = outputs[field.name];
    if (value === undefined) continue;
    const tag = tagOf(field.name);
    const text = escapeMarks(valueText(value));
    sections.push(text.includes('\n') ? `<${tag}>\n${text}\n</${tag}>` : `<${tag}>${text}</${tag}>`);
  }
  return sections.join('\n');
}

/** The value itself; in its tag where it would be taken for a tag. */
function bareValue(field: Field, text: string): string {
  const tag = tagOf(field.name);
  return text.trimStart().startsWith(`<${tag}>`) ? `<${tag}>${text}</${tag}>` : text;
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
    const value = describeField({ ...single, optional: false });
    const none = single.optional ? ', or with “none” where there is none' : '';
    return `Answer with the ${labelOf(single.name).toLowerCase()} alone, ${value}${none}.`;
  }
  const lines = signature.outputs.map((field) => {
    const tag = tagOf(field.name);
    return `<${tag}>${describeField(field)}</${tag}>`;
  });
  return `Answer with these tags, in this order, and nothing around them:\n${lines.join('\n')}`;
}

/** Tags in order, then tags anywhere, then `Name: value` lines or JSON objects. */
function parseChat(text: string, signature: Signature, { cut = false }: ParseOptions = {}): ParseResult {
  const answer = answerText(text, signature);
  if (answer.status === 'none') return unreadable(signature, answer.reason);
  const repaired = answer.text !== text;
  const single = onlyOutput(signature.outputs);
  if (single !== undefined) return parseSingle(answer.text, { field: single, signature, repaired, cut });
  const objects = findObjects(answer.text, { ended: !cut });
  const isJson = withoutFence(answer.text).trimStart().startsWith('{');
  if (isJson) return outputsOfObjects(objects, signature, 'aliases');
  const tagged = readTagged(answer.text, signature.outputs, { cut });
  const labelled = readLabelled(answer.text, signature.outputs);
  const sections = collectOutputs(signature, (field): FoundValue | undefined => {
    const inTag = tagged.get(field.name);
    if (inTag !== undefined) {
      const step = repaired && inTag.step === 'strict' ? 'repaired' : inTag.step;
      return agreement(inTag.texts.map((each) => ({ read: readText(each, field), step })));
    }
    const lines = labelled.get(field.name);
    if (lines === undefined) return undefined;
    // The last line of a cut answer may be half a value.
    const isCut = cut && answer.text.trimEnd().endsWith(lines.at(-1) ?? '');
    if (isCut) return { read: { status: 'unreadable', reason: 'it was cut off' }, step: 'aliases' };
    const values = kindOf(field.schema) === 'string' ? lines.slice(0, 1) : lines;
    return agreement(values.map((each) => ({ read: readText(each, field), step: 'aliases' })));
  });
  if (sections.status === 'parsed' || Object.keys(sections.partial).length > 0) return sections;
  const ofObjects = outputsOfObjects(objects, signature, 'aliases');
  return ofObjects.status === 'parsed' || Object.keys(ofObjects.partial).length > 0 ? ofObjects : sections;
}

interface SingleAnswer {
  readonly field: Field;
  readonly signature: Signature;
  readonly repaired: boolean;
  readonly cut: boolean;
}

/** The bare value, or what the answer marks as it. */
function parseSingle(answer: string, { field, signature, repaired, cut }: SingleAnswer): ParseResult {
  const step = repaired ? 'repaired' : 'strict';
  const kind = kindOf(field.schema);
  const inTag = readTagged(answer, [field], { cut }).get(field.name);
  const whole = inTag?.step === 'strict' ? inTag.texts[0] : undefined;
  if (kind === 'string') {
    const read = readText(whole ?? answer.trim(), field);
    return collectOutputs(signature, () => ({ read, step: whole === undefined ? step : 'repaired' }));
  }
  const found = kind === 'json' ? readJsonAnswer(answer, field, whole) : readAnswer(answer, field, { cut });
  return collectOutputs(signature, () => ({ ...found, step: laterStep(step, found.step) }));
}

/** A list or an object: the whole answer, what its tag holds, or what stands under its key. */
function readJsonAnswer(answer: string, field: Field, inTag: string | undefined): FoundValue {
  const bare = readText(inTag ?? withoutFence(answer), field);
  if (bare.status !== 'unreadable') return { read: bare, step: inTag === undefined ? 'strict' : 'repaired' };
  const inObject = findObjects(answer).flatMap(({ value }): readonly FoundValue[] => {
    const own = isJsonObject(value) ? value[field.name] : undefined;
    return own === undefined ? [] : [{ read: readJson(own as Json, field), step: 'aliases' }];
  });
  const [fenced] = fencedTexts(answer);
  if (inObject.length > 0) return agreement(inObject);
  return { read: fenced === undefined ? bare : readText(fenced, field), step: 'repaired' };
}
