import { expect, test } from 'vitest';
import type { Candidate } from '../../prompt/candidate.ts';
import { quotedRow } from './quoted-row.ts';

const rows = [
  {
    id: 'row-1',
    inputs: { ticket: 'the invoice of march was charged twice and nobody answers me' },
    expected: { queue: 'billing' },
  },
  {
    id: 'row-2',
    inputs: { ticket: 'no code arrives' },
    expected: { reply: 'we have sent you a new code by mail a moment ago' },
  },
];
const text = (value: string): Candidate => ({ 'answer.instructions': { kind: 'text', text: value } });
const demos = (source: string | undefined, ticket: string): Candidate => ({
  'answer.demos': {
    kind: 'demos',
    sets: [{ demos: [{ inputs: { ticket }, outputs: { queue: 'x' }, source }] }],
  },
});
const seed = text('Sort the ticket.');

test.each([
  { what: 'a demo taken from it', candidate: demos('row-1', 'shortened'), row: 'row-1' },
  {
    what: 'a demo with its inputs, whatever it calls them',
    candidate: demos(undefined, 'no code arrives'),
    row: 'row-2',
  },
  {
    what: 'eight of its words in a row',
    candidate: text('If the INVOICE of March was charged twice, and nobody helps: billing.'),
    row: 'row-1',
  },
  {
    what: 'eight words of its answer',
    candidate: text('Say: we have sent you a new code by mail.'),
    row: 'row-2',
  },
])('a row is quoted by $what', ({ candidate, row }) => {
  expect(quotedRow(candidate, { seed, rows })).toBe(row);
});

test.each([
  { what: 'seven words', candidate: text('The invoice of March was charged twice: billing.') },
  { what: 'a demo from elsewhere', candidate: demos('row-9', 'another ticket') },
  { what: 'the seed', candidate: seed },
])('a row is not quoted by $what', ({ candidate }) => {
  expect(quotedRow(candidate, { seed, rows })).toBeUndefined();
});

test('what the seed says already is no quotation', () => {
  const quoting = text('Example: the invoice of march was charged twice and nobody answers me.');
  const longer = text('Example: the invoice of march was charged twice and nobody answers me. Be brief.');
  expect(quotedRow(quoting, { seed: quoting, rows })).toBeUndefined();
  expect(quotedRow(longer, { seed: quoting, rows })).toBeUndefined();
  expect(quotedRow(longer, { seed, rows })).toBe('row-1');
});
