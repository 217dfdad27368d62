import type { Message } from '../model/model.ts';
import { kindOf } from '../signature/json-schema.ts';
import { type Field, labelOf, type Signature, withOutputs } from '../signature/signature.ts';
import type { Adapter, ParseOptions, ParseResult, PromptParts, RenderedPrompt } from './adapter.ts';
import { answerLines } from './answer-lines.ts';
import { answerText } from './answer-text.ts';
import { chatAdapter } from './chat-adapter.ts';
import { choiceField } from './choice-field.ts';
import { onlyOutput, rowText, systemText, systemVaries } from './prompt-text.ts';
import { collectOutputs, unreadable } from './read-outputs.ts';
import { readText } from './read-value.ts';
import { requireTextInputs } from './row-content.ts';

/**
 * Plain text to be continued: the instructions, each demo as a block of `Name: value` lines, then the row up
 * to the name of its first output. A blank line ends a block, and so the answer. The first message is what
 * all rows share, the second the row.
 */
export const completionAdapter: Adapter = {
  format: 'completion',

  render: renderCompletion,

  parse: parseCompletion,

  renderReask(missing, signature) {
    const [first] = withOutputs(signature, missing).outputs;
    return { role: 'user', content: first === undefined ? '\n' : `\n${labelOf(first.name)}:` };
  },

  renderChoices(parts, choices) {
    choiceField(parts.signature);
    // The line's end tells apart only choices of which one begins another; elsewhere it costs an evaluation.
    const end = choices.some((choice) => beginsAnother(choice, choices)) ? '\n' : '';
    return { prompt: renderCompletion(parts), continuations: choices.map((choice) => ` ${choice}${end}`) };
  },
};

function beginsAnother(choice: string, choices: readonly string[]): boolean {
  return choices.some((other) => other !== choice && other.startsWith(choice));
}

function renderCompletion(parts: PromptParts): RenderedPrompt {
  const { signature, demos, inputs } = parts;
  requireTextInputs(inputs, 'completion');
  const system = systemText(parts);
  const blocks = system === '' ? [] : [system];
  for (const demo of demos) {
    const answer = answerLines(demo.outputs, signature);
    // A demo without an answer would teach the model to leave the line empty.
    if (answer !== '') blocks.push(joinRow(rowText(parts, demo.inputs), answer));
  }
  const shared = blocks.map((block) => `${block}\n\n`).join('');
  const [first] = signature.outputs;
  const row = joinRow(rowText(parts, inputs), first === undefined ? '' : `${labelOf(first.name)}:`);
  const messages: Message[] = shared === '' ? [] : [{ role: 'system', content: shared }];
  messages.push({ role: 'user', content: row });
  const sharesPrefix = shared !== '' && !(systemVaries(parts) && system !== '');
  return {
    messages,
    layout: 'completion',
    sharedMessages: sharesPrefix ? 1 : 0,
    stopSequences: ['\n\n'],
  };
}

/** The row, then the answer on the next line, or behind the row where that already ends in the answer's name. */
function joinRow(row: string, answer: string): string {
  const label = answer.slice(0, answer.indexOf(':') + 1);
  if (label !== '' && lastLine(row).trim().toLowerCase() === label.toLowerCase()) {
    return `${row.trimEnd()}${answer.slice(label.length)}`;
  }
  return row.trim() === '' ? answer : `${row.trimEnd()}\n${answer}`;
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/**
 * What continues the first output's name, up to the blank line. A reply of whole lines is read as well: a
 * continuation starts with a space, so a name without one before it is the output's, not the value's.
 */
function parseCompletion(text: string, signature: Signature, options: ParseOptions = {}): ParseResult {
  const answer = answerText(text, signature);
  if (answer.status === 'none') return unreadable(signature, answer.reason);
  const single = onlyOutput(signature.outputs);
  const block = answer.text.replace(/^(?:[ \t]*\n)+/, '').split(/\n[ \t]*\n/, 1)[0] ?? '';
  if (block.trim() === '') return unreadable(signature, 'The answer is empty');
  if (single !== undefined) return parseLine(block, { field: single, signature, options });
  if (options.cut) return chatAdapter.parse(answer.text, signature, options);
  const sections = readContinuation(block, signature.outputs);
  const strict = collectOutputs(signature, (field) => {
    const section = sections.get(field.name);
    return section === undefined ? undefined : { read: readText(section, field), step: 'strict' };
  });
  if (strict.status === 'parsed') return strict;
  // A chat model that was given the text as a message may answer in a form of its own.
  const chat = chatAdapter.parse(answer.text, signature, options);
  if (chat.status === 'parsed') return { ...chat, step: 'aliases' };
  return Object.keys(chat.partial).length > Object.keys(strict.partial).length ? chat : strict;
}

interface Line {
  readonly field: Field;
  readonly signature: Signature;
  readonly options: ParseOptions;
}

/** A continuation goes on to the next row where the model does not stop: the first line is the value. */
function parseLine(block: string, { field, signature, options }: Line): ParseResult {
  if (kindOf(field.schema) === 'string') {
    const labelled = new RegExp(`^${escapePattern(labelOf(field.name))}:`, 'i').exec(block);
    const value = (labelled === null ? block : block.slice(labelled[0].length)).trim();
    return collectOutputs(signature, () => ({
      read: readText(value, field),
      step: labelled === null ? 'strict' : 'repaired',
    }));
  }
  const line = block.split('\n', 1)[0] ?? '';
  const isWhole = line === block;
  const read = options.cut && isWhole ? undefined : readText(line, field);
  if (read?.status === 'read') return collectOutputs(signature, () => ({ read, step: 'strict' }));
  return chatAdapter.parse(block, signature, options);
}

/** The text up to each next output's line, in order, so that values may hold other outputs' names. */
function readContinuation(block: string, fields: readonly Field[]): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  const [first] = fields;
  if (first === undefined) return sections;
  const repeatsLabel = new RegExp(`^${escapePattern(labelOf(first.name))}:`, 'i').exec(block);
  let name = first.name;
  let lines: string[] = [];
  let next = 1;
  const rest = repeatsLabel === null ? block : block.slice(repeatsLabel[0].length);
  for (const line of rest.split('\n')) {
    const at = fields.findIndex(
      (field, index) => index >= next && line.startsWith(`${labelOf(field.name)}:`),
    );
    const field = fields[at];
    if (field === undefined) {
      lines.push(line);
      continue;
    }
    sections.set(name, lines.join('\n').trim());
    name = field.name;
    lines = [line.slice(labelOf(field.name).length + 1)];
    next = at + 1;
  }
  sections.set(name, lines.join('\n').trim());
  return sections;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
