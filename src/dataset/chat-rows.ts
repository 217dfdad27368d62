import { isJsonObject, type JsonObject } from '../base/json.ts';
import { invalidDataset } from './dataset-errors.ts';

/** What a row of a conversation becomes: what was asked, and what was answered. */
const columns = { system: 'system', user: 'user', assistant: 'assistant' } as const;

/** Keys that fine-tuning files have beside the messages. */
const beside = new Set(['messages', 'weight', 'tools', 'parallel_tool_calls', 'functions']);

/** Whether a row is a conversation of a fine-tuning or chat file, and nothing else. */
export function isChatRow(row: JsonObject): boolean {
  return Array.isArray(row.messages) && Object.keys(row).every((key) => beside.has(key));
}

/**
 * The columns of a conversation of one question and one answer: `system`, `user` and `assistant`.
 *
 * @param row Its number, for the error.
 * @throws {HoneError} `HONE_DATASET_INVALID` for a conversation of several turns.
 */
export function chatColumns(
  { messages }: JsonObject,
  { file, row }: { readonly file: string; readonly row: number },
): JsonObject {
  const found: Record<string, string> = {};
  for (const message of messages as readonly unknown[]) {
    const { role, content } = isJsonObject(message) ? message : {};
    const column = role === 'developer' ? 'system' : columns[role as keyof typeof columns];
    if (column === undefined || typeof content !== 'string' || Object.hasOwn(found, column)) {
      throw invalidDataset(
        { file },
        {
          problem: `row ${row} is a conversation of several turns, of tools, or without texts.`,
          hint: 'Write one question and one answer a row: a user message, an assistant message, at most one system message; or a table with columns of your own.',
        },
      );
    }
    found[column] = content;
  }
  return found;
}
