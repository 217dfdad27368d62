import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import type { CandidateHash } from '../prompt/candidate.ts';
import { signature } from '../signature/shorthand.ts';
import { createAggregates } from './aggregates.ts';
import type { Outcome, RowResult } from './evaluation.ts';

const { outputs } = signature("text -> team: 'billing' | 'refunds', total: number");
const usage = { calls: 1, failedCalls: 0, cachedCalls: 0, latencyMs: 5, retries: 0, requests: [] };
const lost: Outcome = { status: 'infrastructure-error', code: 'HONE_MODEL_SERVER', reason: 'away' };
const failed: Outcome = { status: 'failed', value: 0, feedback: 'unreadable', text: 'x' };

interface Given {
  readonly expected?: JsonObject;
  readonly outputs?: JsonObject;
  readonly inputs?: JsonObject;
  readonly confidence?: number;
  readonly outcome?: Outcome;
}

const row = ({ outcome = { status: 'scored', value: 1 }, ...rest }: Given): RowResult => ({
  candidate: 'c' as CandidateHash,
  exampleId: 'row',
  trial: 0,
  outcome,
  ...rest,
  usage,
});
const summarize = (
  rows: readonly (readonly Given[])[],
  options: { by?: string; passFail?: boolean } = {},
) => {
  const aggregates = createAggregates({ outputs, passFail: true, ...options });
  for (const trials of rows) aggregates.add(trials.map(row));
  return aggregates.summary();
};

describe('classifications and numbers', () => {
  test('count answers that failed as unread, and leave out lost and unlabelled rows', () => {
    const { classifications, numbers } = summarize([
      [{ expected: { team: 'billing', total: '12.50' }, outputs: { team: 'billing', total: 13 } }],
      [{ expected: { team: 'billing', total: 3 }, outcome: failed }],
      [{ expected: { team: 'refunds' }, outcome: lost }],
      [{ outputs: { team: 'refunds', total: 1 } }],
    ]);
    expect(classifications).toMatchObject([{ field: 'team', rows: 2, unread: 1, accuracy: 0.5 }]);
    expect(numbers).toEqual([
      { field: 'total', rows: 1, unread: 1, meanAbsolute: 0.5, rootMeanSquare: 0.5, bias: 0.5 },
    ]);
  });

  test('trials of a row are one row', () => {
    const answer = (team: string): Given => ({ expected: { team: 'billing' }, outputs: { team } });
    const { classifications } = summarize([[answer('billing'), answer('refunds')]]);
    expect(classifications).toMatchObject([{ rows: 1, accuracy: 0.5 }]);
  });

  test('where nothing applies nothing is said', () => {
    expect(summarize([[{ inputs: { text: 'x' } }]])).toEqual({});
    expect(summarize([[{ outcome: lost }]])).toEqual({});
  });
});

test('calibration compares the stated probability with how often it is right', () => {
  const right = (value: number): Outcome => ({ status: 'scored', value });
  const { calibration } = summarize([
    [{ confidence: 0.875, outcome: right(1) }],
    [{ confidence: 0.875, outcome: right(0) }],
    [{ confidence: 0, outcome: right(0) }],
    [{ outcome: right(1) }],
  ]);
  expect(calibration).toMatchObject({
    answers: 3,
    accuracy: 1 / 3,
    meanConfidence: expect.closeTo(1.75 / 3, 9),
    equalWidth: expect.closeTo((2 / 3) * 0.375, 9),
    brier: expect.closeTo((0.125 ** 2 + 0.875 ** 2) / 3, 9),
  });
  expect(summarize([[{ confidence: 0.9 }]], { passFail: false }).calibration).toBeUndefined();
});

test('several answers a row: the chance that one of k is right, and that all are', () => {
  const of = (...values: readonly number[]): readonly Given[] =>
    values.map((value) => ({ outcome: { status: 'scored', value } as const }));
  expect(summarize([of(1, 0, 0, 0), of(1, 1, 1, 1)]).passAtK).toEqual([
    { k: 1, anyRight: 0.625, allRight: 0.625, rows: 2 },
    { k: 2, anyRight: 0.75, allRight: 0.5, rows: 2 },
    { k: 4, anyRight: 1, allRight: 0.5, rows: 2 },
  ]);
  const cut = [{ outcome: { status: 'scored', value: 0 } as const }, { outcome: lost }];
  expect(summarize([cut, of(1, 1)]).passAtK).toEqual([
    { k: 1, anyRight: 0.5, allRight: 0.5, rows: 2 },
    { k: 2, anyRight: 1, allRight: 1, rows: 1 },
  ]);
  expect(summarize([of(1)]).passAtK).toBeUndefined();
});

describe('slices', () => {
  const of = (language: string | undefined, value: number): readonly Given[] => [
    { inputs: language === undefined ? {} : { language }, outcome: { status: 'scored', value } },
  ];

  test('have their means, drawn towards the common one where so few rows may be off by chance', () => {
    const rows = [
      ...Array.from({ length: 40 }, (_, index) => of('en', index % 2)),
      ...Array.from({ length: 2 }, () => of('de', 1)),
    ];
    const { slices } = summarize(rows, { by: 'language' });
    expect(slices).toMatchObject({ field: 'language', pooledValues: 0 });
    const [english, german] = slices?.slices ?? [];
    expect(english).toMatchObject({ value: 'en', rows: 40, mean: 0.5 });
    expect(german).toMatchObject({ value: 'de', rows: 2, mean: 1 });
    expect(german?.shrunk).toBeLessThan(1);
    expect(german?.shrunk).toBeGreaterThan(0.5);
  });

  test('a row without the field is in one of its own, and many values are pooled and counted', () => {
    const rows = Array.from({ length: 60 }, (_, index) => of(`l${index}`, 1));
    const { slices } = summarize([...rows, of(undefined, 0), of(undefined, 0)], { by: 'language' });
    expect(slices?.slices[0]).toMatchObject({ value: '(none)', rows: 2, mean: 0 });
    expect(slices?.slices.at(-1)).toMatchObject({ value: '11 other values', rows: 11, mean: 1 });
    expect(slices?.pooledValues).toBe(11);
  });
});

test('labels that are none of the choices are told, however often they come', () => {
  const aggregates = createAggregates({ outputs, passFail: true });
  for (const team of ['billing', 'biling', 'refunds', 'biling', 'Refunds'])
    aggregates.add([row({ expected: { team }, outputs: { team: 'billing' } })]);
  expect(aggregates.notices()).toEqual([
    '3 rows expect a “team” that is none of its choices, so that no answer can be it: “biling”, “Refunds”.',
  ]);
  const known = createAggregates({ outputs, passFail: true });
  known.add([row({ expected: { team: 'billing' }, outputs: { team: 'refunds' } })]);
  expect(known.notices()).toEqual([]);
});

test('a row counts once in the errors of numbers, however many of its trials were lost', () => {
  const of = (total: number, count: number): readonly Given[] =>
    Array.from({ length: 3 }, (_, trial) => ({
      expected: { total: 10 },
      outputs: { total },
      ...(trial >= count && { outcome: lost }),
    }));
  expect(summarize([of(10, 3), of(14, 1)]).numbers?.[0]).toMatchObject({
    rows: 4,
    meanAbsolute: expect.closeTo(2, 9),
    bias: expect.closeTo(2, 9),
  });
});
