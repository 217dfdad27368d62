import { describe, expect, it } from 'vitest';
import { toDataset } from './collect.ts';
import type { Example } from './dataset.ts';
import { collectRoles, isRowRoles } from './roles.ts';

const row = (id: string, text: string, group?: string): Example => ({
  id,
  inputs: { text },
  expected: { label: 'x' },
  ...(group !== undefined && { group }),
});

const train = [
  row('1', 'my card was charged twice for the May plan'),
  row('2', 'how do I add a colleague?', 'ann'),
];
const validation = [row('v1', 'the app closes when I open the camera', 'bob')];
const sealed = [
  row('t1', 'where is the parcel I ordered last week?'),
  row('t2', 'please send me the invoice'),
];

describe('collectRoles', () => {
  it('keeps the rows of each role as they are given', async () => {
    const split = await collectRoles({ train: toDataset(train), validation, test: sealed });
    expect(split).toMatchObject({ train, validation, test: sealed, notices: [] });
    expect(split.examples).toEqual([...train, ...validation, ...sealed]);
    expect([...split.clusters]).toEqual(
      [...train, ...validation, ...sealed].map(({ id }) => [id, id] as const),
    );
  });

  it.each([
    { what: 'a copy', other: row('t9', 'My card was charged twice for the May plan!') },
    { what: 'a near-duplicate', other: row('t9', 'my card was charged twice for the May plann') },
    { what: 'a row of the same customer', other: row('t9', 'I cannot sign in any more', 'bob') },
  ])('refuses $what in the test, unless leaks are allowed: then it is named', async ({ other }) => {
    const roles = { train, validation, test: [...sealed, other] };
    await expect(collectRoles(roles)).rejects.toMatchObject({
      code: 'HONE_DATASET_LEAK',
      message: expect.stringContaining('“t9”'),
      facts: { leaks: 1, rows: 3, ids: ['t9'] },
    });
    const split = await collectRoles({ ...roles, allowLeaks: true });
    expect(split.test).toHaveLength(3);
    expect(split.notices).toEqual([expect.stringContaining('1 row of test is a copy')]);
    expect(new Set(split.clusters.values()).size).toBe(split.clusters.size - 1);
  });

  it('names what validation shares with train, and goes on', async () => {
    const split = await collectRoles({
      train,
      validation: [...validation, row('v2', 'How do I add a colleague')],
      test: sealed,
    });
    expect(split.notices).toEqual([expect.stringMatching(/1 row of validation .*“v2” as “2” of train\./)]);
  });

  it('gives rows of several files that count from 1 ids of their own, without taking them for copies', async () => {
    const split = await collectRoles({ train, validation, test: [row('1', 'something else altogether')] });
    expect(split.test.map(({ id }) => id)).toEqual(['1-2']);
    expect(split.notices).toEqual([expect.stringContaining('1 row has the id of an earlier one')]);
    expect(split.clusters.get('1-2')).toBe('1-2');
  });

  it('names the role that has no rows', async () => {
    await expect(collectRoles({ train, validation: [], test: sealed })).rejects.toMatchObject({
      code: 'HONE_DATASET_EMPTY',
      message: expect.stringContaining('validation: '),
    });
  });
});

it('tells explicit roles from rows', () => {
  expect(isRowRoles({ train, validation, test: sealed })).toBe(true);
  expect(isRowRoles(train)).toBe(false);
  expect(isRowRoles(toDataset(train))).toBe(false);
});
