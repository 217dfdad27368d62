import { expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { type NumericOptions, numeric } from './numeric.ts';
import { readNumber } from './read-number.ts';

function score(expected: Json, total: Json | undefined, options?: NumericOptions) {
  const example = { id: 'row-9', inputs: {}, expected: { total: expected } };
  return numeric('total', options).score({ example, outputs: { total }, trace: [] });
}

describeScorer('numeric', () => numeric('total'), {
  samples: [
    { outputs: { total: 12.5 }, expected: { total: '12.50' } },
    { outputs: { total: 13 }, expected: { total: 12.5 } },
    { outputs: { total: 'many' }, expected: { total: 12.5 } },
  ],
  variants: [
    () => numeric('tax'),
    () => numeric('total', { absolute: 1 }),
    () => numeric('total', { relative: 0.1 }),
  ],
});

test.each<{ expected: Json; actual: Json | undefined; options?: NumericOptions; value: number }>([
  { expected: 12.5, actual: 12.5, value: 1 },
  { expected: '1,234.50', actual: 1234.5, value: 1 },
  { expected: 3, actual: 3.0000001, value: 0 },
  { expected: 3, actual: 3.0000001, options: { relative: 1e-6 }, value: 1 },
  { expected: 20251101, actual: 20251102, value: 0 },
  { expected: '9007199254740993', actual: '9007199254740992', value: 0 },
  { expected: '9007199254740993', actual: '9007199254740993.0', value: 1 },
  { expected: '3.14159265358979323846', actual: 3.141592653589793, value: 1 },
  { expected: '\u22123', actual: -3, value: 1 },
  { expected: 3, actual: 3.01, value: 0 },
  { expected: 1, actual: 1.1, options: { absolute: 0.1 }, value: 1 },
  { expected: 1, actual: 1.11, options: { absolute: 0.1 }, value: 0 },
  { expected: 200, actual: 190, options: { relative: 0.05 }, value: 1 },
  { expected: -200, actual: -189, options: { relative: 0.05 }, value: 0 },
  { expected: 0, actual: 0, options: { relative: 0.05 }, value: 1 },
  { expected: 5, actual: undefined, value: 0 },
  { expected: 5, actual: 'five', value: 0 },
])(
  'numeric gives $value for $actual against $expected with $options',
  ({ expected, actual, options, value }) => {
    expect(score(expected, actual, options)).toMatchObject({ status: 'scored', value });
  },
);

test('a wrong number says on which side it lies and how far', () => {
  expect(score(10, 12.5)).toMatchObject({ feedback: 'Expected 10, got 12.5. That is too high by 2.5.' });
  expect(score(10, 'ten')).toMatchObject({ feedback: 'Expected 10, got "ten". That is no number.' });
});

test('numbers that differ beyond what a number keeps are named as such', () => {
  expect(score('9007199254740993', '9007199254740992')).toMatchObject({
    feedback: expect.stringContaining('digits that a number does not keep'),
  });
});

test('an expected value that is no number is an error of the row, not a score', () => {
  expect(() => score('about ten', 10)).toThrow(
    expect.objectContaining({
      code: 'HONE_SCORER_FAILED',
      message: 'numeric("total"): the expected value of row row-9 is no number: "about ten".',
    }),
  );
});

test.each([{ absolute: -1 }, { relative: -0.1 }, { absolute: Number.NaN }])('%o is refused', (options) => {
  expect(() => numeric('total', options)).toThrow(expect.objectContaining({ code: 'HONE_OPTION_INVALID' }));
});

test.each<{ value: Json; number: number | undefined }>([
  { value: ' 12 ', number: 12 },
  { value: '+1e-3', number: 0.001 },
  { value: '.5', number: 0.5 },
  { value: '-1,234,567', number: -1_234_567 },
  { value: '1,23', number: undefined },
  { value: '12,5', number: undefined },
  { value: '60%', number: undefined },
  { value: '$5', number: undefined },
  { value: '1e999', number: undefined },
  { value: '0x10', number: undefined },
  { value: '', number: undefined },
  { value: '.', number: undefined },
  { value: null, number: undefined },
  { value: true, number: undefined },
])('readNumber takes $value for $number', ({ value, number }) => {
  expect(readNumber(value)).toBe(number);
});
