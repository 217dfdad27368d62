import { describe, expect, test } from 'vitest';
import type { Outcome, RowResult } from '../../evaluation/evaluation.ts';
import type { CandidateHash } from '../../prompt/candidate.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { isClearlyBetter, pairedDifference, pairedValues } from './paired-difference.ts';

/** A value for each row, `undefined` where the row was lost. */
function evaluation(values: Readonly<Record<string, number | undefined>>): CandidateEvaluation {
  const hash = 'candidate' as CandidateHash;
  const results = Object.entries(values).map(([exampleId, value]): RowResult => {
    const outcome: Outcome =
      value === undefined
        ? { status: 'infrastructure-error', code: 'HONE_MODEL_SERVER', reason: 'Down.' }
        : { status: 'scored', value };
    const usage = { calls: 1, cachedCalls: 0, latencyMs: 0, retries: 0, failedCalls: 0, requests: [] };
    return { candidate: hash, exampleId, trial: 0, outcome, usage };
  });
  return { candidate: {}, hash, mean: 0, results } as unknown as CandidateEvaluation;
}

const rows = (values: readonly (number | undefined)[]) =>
  evaluation(Object.fromEntries(values.map((value, row) => [`row-${row}`, value])));
const zeros = (count: number) => Array.from({ length: count }, () => 0);

describe('the paired difference', () => {
  test('is the mean over the rows that both have, with its standard error', () => {
    const difference = pairedDifference(rows([0, 0, 1, 1]), rows([1, 1, 1, 0]));
    expect(difference).toMatchObject({ rows: 4, asked: 4, mean: 0.25 });
    expect(difference.standardError).toBeCloseTo(0.4787136, 6);
  });

  test('pairs rows by id, whatever their order and whoever else was asked', () => {
    const before = evaluation({ a: 0, b: 1, c: 1 });
    const after = evaluation({ d: 1, c: 0, b: 1 });
    expect(pairedValues(before, after)).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(pairedDifference(before, after)).toMatchObject({ rows: 2, asked: 4, mean: -0.5 });
  });

  test('counts the rows of a cluster once', () => {
    const clusters = new Map(Array.from({ length: 9 }, (_, row) => [`row-${row}`, 'copies']));
    const before = rows(zeros(10));
    const after = rows([...Array.from({ length: 9 }, () => 1), 0]);
    expect(pairedDifference(before, after).mean).toBeCloseTo(0.9, 12);
    expect(pairedDifference(before, after, { clusters }).mean).toBeCloseTo(0.5, 12);
    expect(isClearlyBetter(after, before)).toBe(true);
    expect(isClearlyBetter(after, before, { clusters })).toBe(false);
  });
});

describe('clearly better', () => {
  test('is never decided by where the only changed row stands', () => {
    for (let count = 2; count <= 200; count += 1) {
      for (const changed of [0, Math.floor(count / 2), count - 1]) {
        const values = zeros(count);
        values[changed] = 0.7;
        expect(isClearlyBetter(rows(values), rows(zeros(count)))).toBe(false);
      }
    }
  });

  test('is a gain of more than one standard error', () => {
    expect(isClearlyBetter(rows([1, 1, 0, 0, 0, 0]), rows(zeros(6)))).toBe(true);
    expect(isClearlyBetter(rows([1, 1, 0, 0, 0, 0]), rows([0, 0, 1, 0, 0, 0]))).toBe(false);
  });

  test('is nothing on a single row, nor without a shared row', () => {
    expect(isClearlyBetter(rows([1]), rows([0]))).toBe(false);
    expect(isClearlyBetter(evaluation({ a: 1 }), evaluation({ b: 0 }))).toBe(false);
  });

  test('is no candidate that was refused on most rows and right on the others', () => {
    const standing = rows([...zeros(5), ...Array.from({ length: 5 }, () => 1)]);
    const refused = rows([1, 1, ...Array.from({ length: 8 }, () => undefined)]);
    expect(isClearlyBetter(refused, standing)).toBe(false);
  });

  test('is no candidate that is ahead only because the rows it would break are lost', () => {
    const standing = rows([...zeros(16), 1, 1, 1, 1]);
    const other = rows([1, 1, 1, ...zeros(13), undefined, undefined, undefined, undefined]);
    expect(pairedDifference(standing, other).mean).toBeGreaterThan(0);
    expect(isClearlyBetter(other, standing)).toBe(false);
  });
});
