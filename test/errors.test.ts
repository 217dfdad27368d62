import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes } from '../src/base/error-codes.ts';

interface Entry {
  readonly code: string;
  readonly text: string;
}

const entries = entriesOf(readFileSync('docs/errors.md', 'utf8'));

function entriesOf(markdown: string): readonly Entry[] {
  return markdown
    .split(/^### /mu)
    .slice(1)
    .map((part) => ({ code: part.slice(0, part.indexOf('\n')).trim(), text: part }));
}

test('docs/errors.md explains every code, in the order of the alphabet, and no other', () => {
  expect(entries.map(({ code }) => code)).toEqual(Object.keys(errorCodes).sort());
});

test('the codes are listed in the order of the alphabet', () => {
  expect(Object.keys(errorCodes)).toEqual(Object.keys(errorCodes).sort());
});

test.each(entries)('$code has its exit code, a meaning and a fix', ({ code, text }) => {
  expect(text).toContain(`\nExit code ${errorCodes[code as keyof typeof errorCodes]}.\n`);
  expect(text).toMatch(/^\*\*When:\*\* \S.{30,}\.$/mu);
  expect(text).toMatch(/^\*\*Fix:\*\* [A-Z].{20,}\.$/mu);
});
