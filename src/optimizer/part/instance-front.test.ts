import { describe, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { CandidateEvaluation } from '../optimizer.ts';
import { instanceFront, pickWeighted } from './instance-front.ts';

const byScore = [{ name: 'score', direction: 'maximize' }] as const;

/** Something that scored these values on the rows in their order. */
function scored(name: string, values: readonly number[]) {
  const results = values.map((value, row) => ({
    exampleId: `row-${row}`,
    trial: 0,
    outcome: { status: 'scored', value },
  }));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const evaluation = {
    candidate: {},
    hash: name,
    mean,
    scored: values.length,
    objectives: {},
    results: results as unknown as readonly RowResult[],
  };
  return { name, evaluation: evaluation as unknown as CandidateEvaluation };
}

describe('the front of candidates over rows', () => {
  test('keeps a specialist beside the best on average, and drops what others lead as well', () => {
    const best = scored('best', [1, 1, 1, 0]);
    const specialist = scored('specialist', [0, 0, 0, 1]);
    const shadow = scored('shadow', [1, 0, 0, 0]);
    const { members } = instanceFront([best, specialist, shadow], byScore);
    expect(members.map(({ name }) => name)).toEqual(['best', 'specialist']);
  });

  test('is drawn from by the rows that each leads', () => {
    const often = scored('often', [1, 1, 1, 0]);
    const rarely = scored('rarely', [0, 0, 0, 1]);
    const front = instanceFront([often, rarely], byScore);
    const drawn = Array.from({ length: 400 }, (_, draw) => front.pick(createRandom(`${draw}`))?.name);
    const share = drawn.filter((name) => name === 'often').length / drawn.length;
    expect(share).toBeGreaterThan(0.65);
    expect(share).toBeLessThan(0.85);
  });

  test('has someone to draw where nobody ever scored', () => {
    const one = scored('one', [0, 0]);
    const other = scored('other', [0, 0]);
    const { members, pick } = instanceFront([one, other], byScore);
    expect(members).toHaveLength(1);
    expect(pick(createRandom('draw'))).toBe(members[0]);
  });
});

test('weights that are all 0 are drawn alike, and none from nothing', () => {
  const drawn = Array.from({ length: 60 }, (_, draw) => pickWeighted([0, 0, 0], createRandom(`${draw}`)));
  expect(new Set(drawn)).toEqual(new Set([0, 1, 2]));
  expect(pickWeighted([], createRandom('nothing'))).toBe(-1);
});
