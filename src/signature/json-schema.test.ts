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
  ['properties without a type', { properties: { a: { type: 'string' } } }, { a: 1 }, false],
  ['a required key without a type', { required: ['b'] }, { a: 1 }, false],
  ['the same as one of several', { allOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1 }, false],
  ['the same where one is enough', { anyOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1 }, true],
  ['a pattern without a type', { pattern: '^a' }, 'x', false],
  ['a least number without a type', { properties: { a: { minimum: 0 } } }, { a: -1 }, false],
  ['a least length of a list of anything', { type: 'array', minItems: 2 }, [1], false],
  ['the same without a type', { minItems: 2 }, [1, 'a'], true],
  [
    'properties that are called as keywords are',
    { properties: { items: { type: 'number' }, pattern: {} } },
    { items: 2, pattern: 1 },
    true,
  ],
  ['the same with another type', { properties: { required: { type: 'string' } } }, { required: 1 }, false],
  ['a value that looks like a schema', { enum: [{ required: ['x'] }] }, 1, false],
])('%s', (...[, schema, value, fits]) => {
  expect(schemaIssues(value, schema).length === 0).toBe(fits);
});
