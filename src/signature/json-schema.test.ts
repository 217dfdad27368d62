import { expect, test } from 'vitest';
import { schemaIssues } from './json-schema.ts';

test.each<[string, Parameters<typeof schemaIssues>[1], unknown, boolean]>([
  ['a required key that has no schema of its own', { type: 'object', required: ['b'] }, { a: 1 }, false],
  ['the same where it is there', { type: 'object', required: ['b'] }, { b: null }, true],
  [
    'the same further inside',
    { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'b'] } },
    [{ a: 'x' }],
    false,
  ],
  ['a value that looks like a schema', { enum: [{ required: ['x'] }] }, 1, false],
])('%s', (...[, schema, value, fits]) => {
  expect(schemaIssues(value, schema).length === 0).toBe(fits);
});
