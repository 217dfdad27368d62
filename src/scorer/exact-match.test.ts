import { expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { type ExactMatchOptions, exactMatch } from './exact-match.ts';

function match(expected: Json, actual: Json | undefined, options?: ExactMatchOptions) {
  const example = { id: 'row-1', inputs: {}, expected: { answer: expected } };
  return exactMatch('answer', options).score({ example, outputs: { answer: actual }, trace: [] });
}

describeScorer('exactMatch', () => exactMatch('category'), {
  samples: [
    { outputs: { category: 'billing' }, expected: { category: 'billing' } },
    { outputs: { category: 'refunds' }, expected: { category: 'billing' } },
    { outputs: {}, expected: { category: 'billing' } },
  ],
  variants: [
    () => exactMatch('priority'),
    () => exactMatch('category', { ignoreCase: true }),
    () => exactMatch('category', { trim: false }),
    () => exactMatch('category', { normalize: (text) => text.replaceAll('-', ' ') }),
    () => exactMatch('category', { version: '2' }),
  ],
});

test.each<{ expected: Json; actual: Json | undefined; value: number }>([
  { expected: 'Paris', actual: 'Paris', value: 1 },
  { expected: 'Paris', actual: 'paris', value: 0 },
  { expected: 'Paris', actual: ' Paris\n', value: 1 },
  { expected: 'Caf\u00e9', actual: 'Cafe\u0301', value: 1 },
  { expected: '\ufb01x\u00a0\u2212 \u201cit\u2019s\u201d', actual: 'fix - "it\'s"', value: 1 },
  { expected: '\uff11\uff12', actual: '12', value: 1 },
  { expected: '10\u00b2', actual: '102', value: 0 },
  { expected: 'Paris', actual: '\ufeffParis\u200b', value: 1 },
  { expected: '100012', actual: '100013', value: 0 },
  { expected: '9007199254740993', actual: 9007199254740992, value: 0 },
  { expected: '9007199254740993', actual: '9007199254740992', value: 0 },
  { expected: '12.50', actual: 12.5, value: 1 },
  { expected: '1,250', actual: 1250, value: 1 },
  { expected: 12.5, actual: '12.5', value: 1 },
  { expected: '007', actual: '7', value: 0 },
  { expected: '60%', actual: 60, value: 0 },
  { expected: 'true', actual: true, value: 1 },
  { expected: 'False', actual: false, value: 1 },
  { expected: 1, actual: true, value: 0 },
  { expected: '["a","b"]', actual: ['a', 'b'], value: 1 },
  { expected: ['a', 'b'], actual: ['b', 'a'], value: 0 },
  { expected: ['a'], actual: ['a', 'b'], value: 0 },
  { expected: { total: 3, name: 'Ann' }, actual: { name: 'Ann ', total: '3' }, value: 1 },
  { expected: { total: 3, tax: null }, actual: { total: 3 }, value: 1 },
  { expected: { total: 3 }, actual: { total: 3, tax: 1 }, value: 0 },
  { expected: '{ broken', actual: { total: 3 }, value: 0 },
  { expected: null, actual: undefined, value: 1 },
  { expected: '', actual: null, value: 0 },
  { expected: 'billing', actual: undefined, value: 0 },
])('exactMatch gives $value for $actual against $expected', ({ expected, actual, value }) => {
  expect(match(expected, actual)).toMatchObject({ status: 'scored', value });
});

test.each<{ options: ExactMatchOptions; actual: string; value: number }>([
  { options: { ignoreCase: true }, actual: 'NEW YORK', value: 1 },
  { options: { trim: false }, actual: 'New York ', value: 0 },
  { options: { normalize: (text) => text.replaceAll('-', ' ') }, actual: 'New-York', value: 1 },
])('exactMatch with $options gives $value for $actual against "New York"', ({ options, actual, value }) => {
  expect(match('New York', actual, options)).toMatchObject({ value });
});

test('a wrong answer says what was expected and what came', () => {
  expect(match('billing', 'refunds')).toEqual({
    status: 'scored',
    value: 0,
    feedback: 'Expected "billing", got "refunds".',
  });
  expect(match('billing', undefined)).toMatchObject({ feedback: 'Expected "billing", got nothing.' });
  expect(match('billing', 'x'.repeat(5000))).toMatchObject({
    feedback: expect.stringMatching(/^.{240,300}$/),
  });
});

test('what a normalizing function throws is not taken for a wrong answer', () => {
  const normalize = () => {
    throw new TypeError('no such word');
  };
  expect(() => match('["a"]', ['a'], { normalize })).toThrow('no such word');
});

test.each([
  { expected: 'a b', actual: 'a  b', place: 'character 3: “b” (U+0062) was expected, U+0020 came' },
  { expected: 'ab', actual: 'a\u200bb', place: 'character 2: “b” (U+0062) was expected, U+200B came' },
  {
    expected: 'Moscow',
    actual: 'M\u043escow',
    place: 'character 2: “o” (U+006F) was expected, “\u043e” (U+043E)',
  },
  { expected: `${'x'.repeat(300)}a`, actual: `${'x'.repeat(300)}b`, place: 'character 301' },
])('a difference that is not seen is named ($place)', ({ expected, actual, place }) => {
  expect(match(expected, actual)).toMatchObject({ value: 0, feedback: expect.stringContaining(place) });
});
