import { expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { scorer } from './custom-scorer.ts';
import { defaultScorer } from './defaults.ts';
import { exactMatch } from './exact-match.ts';
import { fieldMatch } from './field-match.ts';
import { numeric } from './numeric.ts';
import type { Scorer } from './scorer.ts';

const expected = { name: 'Ann', date: '2024-05-01', total: 12.5 };
const outputs = { name: 'Ann', date: '2024-05-02', total: '12.50' };

function score(by: Scorer, given: Record<string, Json>, wanted?: Record<string, Json>) {
  return by.score({ example: { id: 'row-1', inputs: {}, expected: wanted }, outputs: given, trace: [] });
}

for (const combine of ['mean', 'all'] as const) {
  describeScorer(`fieldMatch (${combine})`, () => fieldMatch(['name', numeric('total')], { combine }), {
    samples: [
      { outputs: { name: 'Ann', total: 3 }, expected: { name: 'Ann', total: 3 } },
      { outputs: { name: 'Bob', total: 3 }, expected: { name: 'Ann', total: 3 } },
      { outputs: { name: 'Bob' }, expected: { name: 'Ann' } },
    ],
    variants: [
      () => fieldMatch(['name', numeric('total')], { combine: combine === 'mean' ? 'all' : 'mean' }),
      () => fieldMatch(['name', numeric('total', { absolute: 1 })], { combine }),
      () => fieldMatch(['name', 'total'], { combine }),
      () => fieldMatch(['name', numeric('total'), 'date'], { combine }),
    ],
  });
}

test('the mean is the share of right fields, each field is an objective, and feedback names the field', async () => {
  expect(await score(fieldMatch(['name', 'date', 'total']), outputs, expected)).toEqual({
    status: 'scored',
    value: 2 / 3,
    feedback: 'date: Expected "2024-05-01", got "2024-05-02".',
    objectives: { name: 1, date: 0, total: 1 },
  });
});

test('all fields must be right with combine: all', async () => {
  const all = fieldMatch(['name', 'date', 'total'], { combine: 'all' });
  expect(await score(all, outputs, expected)).toMatchObject({ value: 0 });
  expect(await score(all, { ...outputs, date: '2024-05-01' }, expected)).toMatchObject({ value: 1 });
});

test('a field without an expected value is left out of the mean', async () => {
  const { date: _, ...rest } = expected;
  expect(await score(fieldMatch(['name', 'date']), outputs, rest)).toMatchObject({
    value: 1,
    objectives: { name: 1 },
  });
});

test.each([
  { what: 'a mean of fields', by: fieldMatch(['a', 'b']), passFail: false },
  { what: 'all of the fields', by: fieldMatch(['a', 'b'], { combine: 'all' }), passFail: true },
  { what: 'one field', by: fieldMatch(['a']), passFail: true },
  { what: 'a graded part', by: fieldMatch([scorer('g', () => 0.5)], { combine: 'all' }), passFail: false },
])('$what is pass/fail: $passFail', ({ by, passFail }) => {
  expect(by.passFail).toBe(passFail);
});

test.each([{ parts: [] }, { parts: ['a', 'a'] }, { parts: ['a', numeric('a')] }])(
  'no fields or the same one twice is refused',
  ({ parts }) => {
    expect(() => fieldMatch(parts)).toThrow(expect.objectContaining({ code: 'HONE_OPTION_INVALID' }));
  },
);

const fields = [
  { name: 'category', schema: { enum: ['a', 'b'] } },
  { name: 'total', schema: { type: 'number' } },
  { name: 'reasoning', schema: { type: 'string' } },
];

test.each([
  { columns: ['category'], version: exactMatch('category').version },
  { columns: ['total', 'note'], version: numeric('total').version },
  { columns: ['total', 'category'], version: fieldMatch(['category', numeric('total')]).version },
])('the default scorer of $columns is the obvious one', ({ columns, version }) => {
  expect(defaultScorer(fields, columns).version).toBe(version);
});

test('there is no default scorer without an expected output', () => {
  expect(() => defaultScorer(fields, ['label'])).toThrow(
    'No expected column is an output: expected "label", outputs "category", "total", "reasoning".',
  );
});
