import { expect, test } from 'vitest';
import { importChatFile } from './chat-file.ts';

const question = { role: 'user', content: 'q' };
const answer = { role: 'assistant', content: 'a' };
const others: readonly object[] = [
  { messages: [question, { ...answer, weight: 0 }] },
  { messages: [question, { ...answer, tool_calls: [{ id: '1' }] }] },
  { messages: [question, { ...answer, function_call: { name: 'x' } }] },
  { messages: [question, answer], functions: [{ name: 'x' }] },
  { messages: [answer, question] },
  { messages: [question, { role: 'assistant', content: '' }] },
];

test('what is no question with an answer that counts is counted and left out', () => {
  const lines = [{ messages: [question, { ...answer, weight: 1, tool_calls: null }] }, ...others];
  const { files, notes } = importChatFile(lines.map((line) => JSON.stringify(line)).join('\n'), {
    file: 'chats.jsonl',
  });
  expect(files.find(({ name }) => name === 'rows.jsonl')?.text).toBe('{"user":"q","assistant":"a"}\n');
  expect(notes).toContainEqual(expect.stringContaining('6 of 7 conversations'));
});
