import { isJsonObject, type JsonObject } from '../base/json.ts';
import { formatPromptFile } from '../prompt/prompt-file.ts';
import { escapeSlots } from '../prompt/template.ts';
import { invalidImport } from './exchange-errors.ts';
import type { ImportPlan } from './import-plan.ts';

interface Conversation {
  readonly system: string;
  readonly user: string;
  readonly assistant: string;
}

/**
 * What Hone makes of a fine-tuning or chat file (`{"messages": […]}` a line): a prompt with the system message, and
 * rows with the question and the answer. Conversations of several turns, of tools and of images are counted and left
 * out.
 *
 * @throws {HoneError} `HONE_IMPORT_INVALID` where no conversation can be taken over, or a line is broken.
 */
export function importChatFile(text: string, { file }: { readonly file: string }): ImportPlan {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const rows: Conversation[] = [];
  let others = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const conversation = conversationOf(parseLine(line, { file, line: index + 1 }));
    if (conversation === undefined) others += 1;
    else rows.push(conversation);
  }
  if (rows.length === 0) {
    throw invalidImport(`${file} has no conversation of one question and one answer.`, {
      hint: 'A row here is a user message and the assistant’s answer, with at most one system message.',
      file,
    });
  }
  const systems = new Map<string, number>();
  for (const { system } of rows) systems.set(system, (systems.get(system) ?? 0) + 1);
  const isShared = systems.size === 1;
  const [[shared] = ['']] = systems;
  const notes = [
    ...(others > 0
      ? [
          `${others} of ${rows.length + others} conversations have several turns, tools or images, or no answer that counts: left out.`,
        ]
      : []),
    ...(isShared
      ? []
      : [
          `The conversations have ${systems.size} system messages: each stands in the column "system" of its row, and the prompt shows it.`,
        ]),
  ];
  const prompt = formatPromptFile({
    inputs: isShared ? ['user'] : ['system', 'user'],
    outputs: [{ name: 'assistant' }],
    // What looks like a slot in a message is text.
    instructions: isShared ? escapeSlots(shared) : '{{system}}',
    user: '{{user}}',
    demos: [],
  });
  const table = rows.map(({ system, user, assistant }) =>
    JSON.stringify(isShared ? { user, assistant } : { system, user, assistant }),
  );
  return {
    files: [
      { name: 'prompt.md', text: prompt },
      { name: 'rows.jsonl', text: `${table.join('\n')}\n` },
    ],
    notes,
    next: ['hone eval prompt.md --data rows.jsonl', 'hone optimize prompt.md --data rows.jsonl'],
  };
}

function parseLine(text: string, { file, line }: { readonly file: string; readonly line: number }): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidImport(`${file}, line ${line}: this line is no JSON.`, {
      hint: 'Write one JSON object on each line.',
      file,
      cause,
    });
  }
}

/** A question and its answer; undefined for everything else. */
function conversationOf(row: unknown): Conversation | undefined {
  const { messages, tools, functions } = (isJsonObject(row) ? row : {}) as Readonly<Record<string, unknown>>;
  const hasTools = [tools, functions].some((list) => Array.isArray(list) && list.length > 0);
  if (!Array.isArray(messages) || hasTools) return undefined;
  const found: Record<string, string> = {};
  for (const message of messages) {
    const { role, content, weight, tool_calls, function_call } = (
      isJsonObject(message) ? message : {}
    ) as JsonObject;
    // A weight of 0 says that an answer is not to be learned from; a call of a tool is none.
    if (weight === 0 || (tool_calls ?? function_call ?? null) !== null) return undefined;
    const name = role === 'developer' ? 'system' : String(role);
    const text = textOf(content);
    if (!['system', 'user', 'assistant'].includes(name) || text === undefined || found[name] !== undefined) {
      return undefined;
    }
    // An answer before its question is another conversation's.
    if (name === 'assistant' && found.user === undefined) return undefined;
    found[name] = text;
  }
  const { system = '', user, assistant } = found;
  return user === undefined || assistant === undefined || assistant === ''
    ? undefined
    : { system, user, assistant };
}

function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part) => (isJsonObject(part) && part.type === 'text' ? part.text : undefined));
  return parts.every((part) => typeof part === 'string') ? parts.join('') : undefined;
}
