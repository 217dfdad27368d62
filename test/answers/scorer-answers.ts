import type { Json } from '../../src/base/json.ts';

/** An answer beside the expected one: whether it is right, and which scorers are wrong about it. */
export interface ScoredCase {
  readonly kind: string;
  readonly expected: Json;
  readonly answer: Json;
  readonly right: boolean;
  /** Scorers that credit a wrong answer, or do not credit a right one: known, and said in the reference. */
  readonly mistaken?: readonly ScorerName[];
}

export const scorerNames = [
  'exactMatch',
  'contains',
  'tokenF1',
  'editSimilarity',
  'fieldF1',
  'jsonDiff',
  'listOverlap',
] as const;
export type ScorerName = (typeof scorerNames)[number];

type Row = readonly [expected: Json, answer: Json, mistaken?: readonly ScorerName[]];

const of = (kind: string, right: boolean, rows: readonly Row[]): readonly ScoredCase[] =>
  rows.map(([expected, answer, mistaken]) => ({
    kind,
    right,
    expected,
    answer,
    ...(mistaken && { mistaken }),
  }));

const strict: readonly ScorerName[] = ['exactMatch', 'editSimilarity', 'fieldF1', 'jsonDiff', 'listOverlap'];
const wordy: readonly ScorerName[] = [...strict, 'tokenF1'];

export const scoredCases: readonly ScoredCase[] = [
  ...of('the answer itself', true, [
    ['refunds', 'refunds'],
    ['refunds', ' refunds\n'],
    ['refunds', 'Refunds', ['exactMatch', 'contains', 'editSimilarity', 'jsonDiff', 'listOverlap']],
    ['refunds', 'ｒｅｆｕｎｄｓ'],
    [12.5, '12.50', ['contains', 'tokenF1', 'editSimilarity']],
    ['1,234.50', 1234.5, ['contains', 'tokenF1', 'editSimilarity']],
  ]),
  ...of('the answer among other words', true, [
    ['refunds', 'The category is refunds.', wordy],
    ['5 EUR', 'You get 5 EUR back.', wordy],
    ['order 7', 'It is order 7, as you said.', wordy],
  ]),
  ...of('a label that is denied', false, [
    ['billing', 'not billing but refunds', ['contains']],
    ['billing', 'This is not billing.', ['contains']],
    ['refundable', 'not refundable', ['contains']],
  ]),
  ...of('two labels', false, [
    ['billing', 'billing or refunds', ['contains']],
    ['billing', 'billing, refunds', ['contains']],
  ]),
  ...of('a part of a word, and a longer word', false, [
    ['toxic', 'non-toxic', ['contains']],
    ['refund', 'prefunded'],
    ['account', 'accountant'],
    ['technical', 'technically'],
    ['C', 'C++', ['contains', 'tokenF1']],
  ]),
  ...of('a part of a number, another sign, unit or share', false, [
    ['5 EUR', '15 EUR'],
    ['5 EUR', '5 EUROPE'],
    ['12', '12.50'],
    ['2.50', '12.50'],
    ['5', '-5'],
    ['5', '$5', ['contains']],
    ['60', '60%', ['contains']],
    ['1', '10'],
    ['007', '7'],
    ['9007199254740993', '9007199254740992', ['editSimilarity']],
  ]),
  ...of('thoughts and pleasantries that name the answer', false, [
    ['refunds', '<think>Perhaps refunds? No.</think> billing', ['contains']],
    ['refunds', 'I was thinking of refunds first, but no.', ['contains']],
  ]),
  ...of('nothing', false, [
    ['refunds', ''],
    ['refunds', 'null'],
    ['refunds', []],
  ]),
  ...of('lists', false, [
    [['a', 'b'], ['a']],
    [['a', 'b'], ['a', 'b', 'c'], ['contains']],
    [['a'], ['a', 'a'], ['contains']],
  ]),
  ...of('lists in another order', true, [
    [
      ['a', 'b'],
      ['b', 'a'],
      ['exactMatch', 'editSimilarity', 'jsonDiff'],
    ],
  ]),
  ...of('objects', false, [
    [{ total: 5 }, { total: -5 }, ['editSimilarity']],
    [{ total: 5 }, { total: 5, tax: 1 }],
    [{ total: 5, name: 'Ada' }, { total: 5 }],
    [{ total: 5 }, { amount: 5 }],
  ]),
];
