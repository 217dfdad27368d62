import { expect, test } from 'vitest';
import { findJsonError, placeOf } from './json-error.ts';

test.each([
  ['{"a": [1, -2.5e+3, "x\\u00e9\\n", true, null, {}, []]}', undefined],
  ['  "text"  ', undefined],
  ['', 0],
  ['{"a": 1,}', 8],
  ['[1, 2', 5],
  ['[1, ]', 4],
  ['[1 2]', 3],
  ['{a: 1}', 1],
  ['{"a" 1}', 5],
  ['{"a": 1]', 7],
  ['{"a": 01}', 7],
  ['"a\nb"', 0],
  ['"\\x"', 0],
  ['{} {}', 3],
  ['nul', 0],
])('%j stops being JSON at %s, where JSON.parse agrees that it does', (text, offset) => {
  expect(findJsonError(text)).toBe(offset);
  const parse = () => JSON.parse(text) as unknown;
  if (offset === undefined) expect(parse).not.toThrow();
  else expect(parse).toThrow(SyntaxError);
});

test.each([
  ['abc', 2, { line: 1, column: 3 }],
  ['a\nbc', 3, { line: 2, column: 2 }],
  ['a\r\nbc', 3, { line: 2, column: 1 }],
])('in %j, offset %i is at %j', (text, offset, place) => {
  expect(placeOf(text, offset)).toEqual(place);
});
