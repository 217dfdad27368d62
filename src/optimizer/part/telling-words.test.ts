import { expect, test } from 'vitest';
import { tellingWords } from './telling-words.ts';

const choice = { field: 'team', choices: ['billing', 'account_access'] };

const row = (text: string, team?: string) => ({
  id: text,
  inputs: { ticket: text },
  ...(team !== undefined && { expected: { team } }),
});

const rows = [
  row('The invoice was charged twice, please help me', 'billing'),
  row('An INVOICE for nothing, please', 'billing'),
  row('Which invoice is this, please?', 'billing'),
  row('My password is lost, please', 'account_access'),
  row('Password, password, password: wrong', 'account_access'),
  row('A new password please', 'account_access'),
];

test('are the words of the answers, then those found oftener with one answer, in at least three rows', () => {
  expect(tellingWords(rows, choice, 10)).toEqual([
    'billing',
    'account',
    'access',
    'invoice',
    'password',
    'please',
  ]);
});

test('are at most as many as asked for, and a word counts once a row', () => {
  expect(tellingWords(rows, choice, 4)).toEqual(['billing', 'account', 'access', 'invoice']);
});

test('come from rows with an allowed answer only', () => {
  const others = [1, 2, 3].flatMap((index) => [row(`zebra ${index}`), row(`giraffe ${index}`, 'zoo')]);
  expect(tellingWords([...rows, ...others], choice, 10)).not.toContain('zebra');
  expect(tellingWords([...rows, ...others], choice, 10)).not.toContain('giraffe');
});

test('leave out numbers, single letters and words of many tokens', () => {
  const odd = [1, 2, 3].map((index) => row(`x 2024 pneumonoultramicroscopic card ${index}`, 'billing'));
  const found = tellingWords(odd, choice, 50);
  expect(found).toContain('card');
  for (const word of ['x', '2024', 'pneumonoultramicroscopic']) expect(found).not.toContain(word);
});

test('are found in scripts without spaces', () => {
  const japanese = [1, 2, 3].map((index) => row(`請求書が二回届きました${'。'.repeat(index)}`, 'billing'));
  expect(tellingWords(japanese, choice, 50).some((word) => word.includes('請求'))).toBe(true);
});
