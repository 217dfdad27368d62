import { expect, test } from 'vitest';
import { checkPromptText } from './check-prompt-text.ts';
import { saveCandidate } from './saved-candidate.ts';

test.each([
  ['winner.md', saveCandidate({}), /winner\.md is a saved candidate in JSON/],
  ['report.json', '{"schemaVersion":1,"runId":"opt-1","verdict":"improved"}', /is the report of a run/],
  ['report.html', '<!doctype html>\n<html>', /is a web page/],
  ['rows.csv', 'text,kind\n', /is a table/],
])('%s with another kind of content is refused', (file, text, message) => {
  expect(() => checkPromptText(text, file)).toThrow(message);
});

test.each([
  ['prompt.md', ''],
  ['prompt.txt', '{"role": "Answer in this form."}'],
  ['prompt.md', '{ not JSON {{ticket}}'],
  ['prompt.json', '{"schemaVersion": 3}'],
])('%s with %o is a prompt', (file, text) => {
  expect(() => checkPromptText(text, file)).not.toThrow();
});
