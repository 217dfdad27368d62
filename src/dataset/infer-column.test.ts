import { describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { createColumnInference } from './infer-column.ts';

function infer(values: readonly (Json | undefined)[]) {
  const inference = createColumnInference('label');
  for (const [index, value] of values.entries()) inference.add(value, `row ${index + 1}`);
  return inference.result();
}
const repeat = (value: Json, times: number) => Array.from({ length: times }, () => value);
const teams = [...repeat('billing', 120), ...repeat('refunds', 120)];

describe('a closed choice', () => {
  test('stays closed with one mistyped answer among 241 rows, which is named with the one that it is like', () => {
    const { choices, notices } = infer([...teams, 'biling']);
    expect(choices).toEqual(['billing', 'refunds']);
    expect(notices).toEqual([
      expect.stringMatching(/“biling” is expected in row 241 alone .* “billing” \(120 rows\)/),
    ]);
  });

  test.each(['Billing', 'billing ', 'BILLING', 'bil-ling'])(
    'takes %j for a spelling of an answer',
    (written) => {
      const { choices, notices } = infer([...teams, written]);
      expect(choices).toEqual(['billing', 'refunds']);
      expect(notices[0]).toContain(`“${written}”`);
    },
  );

  test('keeps an answer that occurs once and is like no other, and says so', () => {
    const { choices, notices } = infer([...teams, 'access']);
    expect(choices).toEqual(['access', 'billing', 'refunds']);
    expect(notices).toEqual(['label: “access” (row 241) is expected once and stays an allowed answer.']);
  });

  test('names answers that differ by case or spaces alone', () => {
    const { choices, notices } = infer([...teams, ...repeat('Billing', 3)]);
    expect(choices).toEqual(['Billing', 'billing', 'refunds']);
    expect(notices[0]).toMatch(/“billing” \(120 rows\) and “Billing” \(3 rows\) differ by case/);
  });

  test('stays closed where one answer has another type, and says where', () => {
    const { choices, notices } = infer([...repeat('007', 20), ...repeat('008', 20), 7]);
    expect(choices).toEqual(['007', '008', '7']);
    expect(notices[0]).toContain('row 41 is a number');
  });

  test.each([
    ['of few rows where an answer occurs once', ['a', 'a', 'b', 'b', 'c']],
    ['where many answers occur once', [...teams.slice(100, 140), ...'cdefghij'.split('')]],
    ['of 21 answers', Array.from({ length: 63 }, (_, index) => `v${index % 21}`)],
    ['of one answer', repeat('a', 10)],
  ])('is none %s', (_, values) => {
    expect(infer(values).kind).toBe('text');
  });
});

describe('numbers', () => {
  test.each<[string, readonly Json[], string]>([
    ['amounts', ['1', '2.5', '-3'], 'number'],
    ['numbers of JSON', [1, 2, 3.5], 'number'],
    [
      'a count of which some values occur once',
      [...repeat('0', 30), ...repeat('1', 20), '7', '12'],
      'number',
    ],
    ['ZIP codes', ['01234', '12345', '23456'], 'text'],
    ['order numbers of 20 digits', ['90071992547409911234', '90071992547409911235', '1'], 'text'],
    ['phone numbers', ['+491701234567', '+491701234568'], 'text'],
    ['epochs', [1_700_000_000, 1_700_000_001, 1_700_000_002], 'text'],
    ['true and false', [true, false], 'boolean'],
    ['lists', [['a'], ['b']], 'json'],
    ['nothing', [null, null], 'text'],
  ])('of %s are %s', (_, values, kind) => {
    expect(infer(values).kind).toBe(kind);
  });
});

test('a column of a million values is looked at in flat memory', () => {
  const inference = createColumnInference('text');
  for (let row = 0; row < 100_000; row += 1) inference.add(`value ${row}`, `row ${row}`);
  expect(inference.result()).toEqual({ name: 'text', kind: 'text', notices: [] });
});
