import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Outcome, RowResult } from '../../evaluation/evaluation.ts';
import { hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { evaluationOf } from './evaluator.ts';
import { type ProofOptions, proofOf, type TestedPair } from './prove.ts';

/** One character a row: a digit for its tenths of a point, `+` for 1, `x` lost, `u` not applicable. */
function side(marks: string, from = 0): CandidateEvaluation {
  const candidate = {};
  const hash = hashCandidate(candidate);
  const results = [...marks].map((mark, index): RowResult => {
    const usage = { calls: 1, cachedCalls: 0, latencyMs: 0, retries: 0, failedCalls: 0, requests: [] };
    return { candidate: hash, exampleId: `row-${from + index}`, trial: 0, outcome: outcomeOf(mark), usage };
  });
  return evaluationOf(candidate, results);
}

function outcomeOf(mark: string): Outcome {
  switch (mark) {
    case 'x':
      return { status: 'infrastructure-error', code: 'HONE_MODEL_SERVER', reason: 'Down.' };
    case 'u':
      return { status: 'unscored', reason: 'Not applicable.' };
    case '+':
      return { status: 'scored', value: 1 };
    default:
      return { status: 'scored', value: Number(mark) / 10 };
  }
}

function tested(seed: string, winner: string, from = 0): TestedPair {
  const examples: readonly Example[] = [...seed].map((_, index) => ({
    id: `row-${from + index}`,
    inputs: { text: String(index) },
    expected: { label: 'x' },
  }));
  return { examples, seed: side(seed, from), winner: side(winner, from), controls: [] };
}

const prove = (pairs: readonly TestedPair[], options: Partial<ProofOptions> = {}) =>
  proofOf(pairs, { method: 'held-out', passFail: true, random: createRandom(1), ...options });

describe('the proof', () => {
  test('of pass or fail is the exact McNemar test with Newcombe’s interval', () => {
    // 9 rows fixed, 1 broken, 10 equal: p = 2 · (1 + 10) / 2¹⁰.
    const { sealedTest, fixed, broken } = prove([tested('+++++0000000000+++++', '0+++++++++++++0+++++')]);
    expect(sealedTest).toMatchObject({ test: 'mcnemar-exact', rows: 20, lost: 0, verdict: 'improved' });
    expect(sealedTest.pValue).toBeCloseTo(22 / 1024, 12);
    expect(sealedTest.difference).toBeCloseTo(0.4, 12);
    expect(sealedTest.interval[0]).toBeGreaterThan(0);
    expect(fixed.map(({ exampleId }) => exampleId)).toEqual(
      [5, 6, 7, 8, 9, 10, 11, 12, 13].map((index) => `row-${index}`),
    );
    expect(broken).toMatchObject([
      {
        exampleId: 'row-0',
        inputs: { text: '0' },
        expected: { label: 'x' },
        seed: { value: 1 },
        winner: { value: 0 },
      },
    ]);
  });

  test('of five fixed rows and none broken is not reliable yet', () => {
    const { sealedTest } = prove([tested('00000+++++', '++++++++++')]);
    expect(sealedTest).toMatchObject({ pValue: 0.0625, verdict: 'no-reliable-improvement' });
    expect(sealedTest.note).toMatch(/fewer than 6/);
  });

  test('of graded scores is a sign-flip permutation', () => {
    const pair = tested('2323232323232323232323232323', '5656565656565656565656565656');
    const { sealedTest } = prove([pair], { passFail: false });
    expect(sealedTest).toMatchObject({ test: 'sign-flip', verdict: 'improved' });
    expect(sealedTest.difference).toBeCloseTo(0.3, 12);
  });

  test('leaves a pair out when either side lost it or it is not applicable', () => {
    const { sealedTest } = prove([tested(`x0u${'0'.repeat(37)}`, `0xu${'+'.repeat(37)}`)]);
    expect(sealedTest).toMatchObject({
      rows: 37,
      clusters: 37,
      lost: 2,
      oneSided: { seed: 1, winner: 1 },
      seed: 0,
      winner: 1,
    });
  });

  test.each([
    { lost: 2, verdict: 'improved' },
    { lost: 3, verdict: 'incomplete' },
  ])('with $lost of 40 pairs lost is $verdict: more than 5 % is too much', ({ lost, verdict }) => {
    const { sealedTest } = prove([tested('0'.repeat(40), '+'.repeat(40 - lost).padEnd(40, 'x'))]);
    expect(sealedTest).toMatchObject({ lost, verdict });
  });

  test('of which every pair was lost is incomplete, and says so, without a figure that pretends', () => {
    const { sealedTest, fixed, broken } = prove([tested('0+0+xxxx', 'xxxx+0+0')]);
    expect(sealedTest).toMatchObject({
      rows: 0,
      lost: 8,
      seed: 0.5,
      winner: 0.5,
      difference: 0,
      interval: [-1, 1],
      pValue: 1,
      verdict: 'incomplete',
      note: expect.stringContaining('could not be compared'),
    });
    expect([fixed, broken]).toEqual([[], []]);
  });

  test('of a cross-fit takes the rows of all folds together', () => {
    const folds = [0, 1, 2].map((fold) => tested('0000', '++++', fold * 4));
    const { sealedTest } = prove(folds, { method: 'cross-fit' });
    expect(sealedTest).toMatchObject({ method: 'cross-fit', rows: 12, verdict: 'improved' });
  });

  test('shows the controls beside it, with how many of their rows have a score', () => {
    const controls = [{ name: 'calibrated seed', evaluation: side('+0x+') }];
    const pair = { ...tested('0000', '++++'), controls };
    expect(prove([pair]).sealedTest.controls).toMatchObject([{ name: 'calibrated seed', rows: 3 }]);
    expect(prove([pair]).sealedTest.controls[0]?.mean).toBeCloseTo(2 / 3, 12);
    const lost = { ...pair, controls: [{ name: 'calibrated seed', evaluation: side('xxxx') }] };
    expect(prove([lost]).sealedTest.controls).toMatchObject([{ rows: 0, mean: undefined }]);
  });

  test('counts the rows of a cluster once', () => {
    const clusters = new Map(Array.from({ length: 9 }, (_, row) => [`row-${row}`, 'copies']));
    const pair = tested('0000000000', '+++++++++0');
    expect(prove([pair]).sealedTest.verdict).toBe('improved');
    expect(prove([pair], { clusters }).sealedTest).toMatchObject({
      rows: 10,
      clusters: 2,
      winner: 0.5,
      verdict: 'no-reliable-improvement',
    });
  });

  test('of rows that served before is corrected and says which use it is', () => {
    const pair = tested('+++++0000000000+++++', '0+++++++++++++0+++++');
    expect(prove([pair], { earlierUses: 1 }).sealedTest).toMatchObject({
      use: 2,
      verdict: 'no-reliable-improvement',
      note: expect.stringContaining('use 2'),
    });
  });

  test('of a winner that abstains where the seed is right is incomplete', () => {
    const { sealedTest } = prove([
      tested(`${'+'.repeat(24)}${'0'.repeat(76)}`, `${'u'.repeat(24)}${'+'.repeat(24)}${'0'.repeat(52)}`),
    ]);
    expect(sealedTest).toMatchObject({ rows: 76, oneSided: { seed: 24, winner: 0 }, verdict: 'incomplete' });
    expect(sealedTest.note).toMatch(/24 rows have a score of the seed alone/);
  });
});
