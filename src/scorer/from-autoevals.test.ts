import { ExactMatch, JSONDiff, Levenshtein, NumericDiff, ValidJSON } from 'autoevals';
import { describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { fromAutoevals } from './from-autoevals.ts';

const sample = (answer: Json, expected: Json | undefined, input: Json = 'q') => ({
  example: {
    id: 'row-1',
    inputs: { question: input },
    expected: expected === undefined ? undefined : { answer: expected },
  },
  outputs: { answer },
  trace: [],
});

describeScorer('fromAutoevals', () => fromAutoevals(Levenshtein, { field: 'answer' }), {
  samples: [
    { outputs: { answer: 'kitten' }, expected: { answer: 'kitten' } },
    { outputs: { answer: 'kitten' }, expected: { answer: 'sitting' } },
  ],
  variants: [
    () => fromAutoevals(ExactMatch, { field: 'answer' }),
    () => fromAutoevals(Levenshtein),
    () => fromAutoevals(Levenshtein, { field: 'answer', version: '2' }),
    () => fromAutoevals(Levenshtein, { field: 'answer', args: () => ({}) }),
  ],
});

describe('scorers of autoevals as they are', () => {
  test('Levenshtein, ExactMatch, NumericDiff, JSONDiff and ValidJSON give what they give', async () => {
    const of = (evaluator: Parameters<typeof fromAutoevals>[0]) =>
      fromAutoevals(evaluator, { field: 'answer' });
    expect(await of(Levenshtein).score(sample('kitten', 'sitting'))).toMatchObject({ value: 1 - 3 / 7 });
    expect(await of(ExactMatch).score(sample('a', 'a'))).toMatchObject({ value: 1 });
    expect(await of(NumericDiff).score(sample(9, 10))).toMatchObject({ value: expect.closeTo(0.947, 3) });
    expect(await of(JSONDiff).score(sample({ a: 1, b: 2 }, { a: 1, b: 2 }))).toMatchObject({ value: 1 });
    expect(await of(ValidJSON).score(sample('{"a": 1', undefined))).toMatchObject({ value: 0 });
  });

  test('a score of null is not applicable, a rationale becomes feedback, an error is one of the scorer', async () => {
    const named = (result: object) =>
      fromAutoevals(async () => ({ name: 'Judge', score: null, ...result }), { name: 'judge' });
    expect(await named({}).score(sample('a', 'b'))).toMatchObject({ status: 'unscored' });
    expect(
      await named({ score: 0.3, metadata: { rationale: 'Too short.' } }).score(sample('a', 'b')),
    ).toMatchObject({
      value: 0.3,
      feedback: 'Too short.',
    });
    await expect(named({ error: new Error('no key') }).score(sample('a', 'b'))).rejects.toMatchObject({
      code: 'HONE_SCORER_FAILED',
      message: expect.stringContaining('no key'),
    });
    await expect(named({ score: 7 }).score(sample('a', 'b'))).rejects.toMatchObject({
      code: 'HONE_SCORER_FAILED',
    });
  });

  test('it gets output, expected and input, and what args adds', async () => {
    const seen: unknown[] = [];
    const scorer = fromAutoevals(
      (args: object) => {
        seen.push(args);
        return { name: 'x', score: 1 };
      },
      { name: 'x', args: ({ exampleId, outputs }) => ({ context: exampleId, all: outputs }) },
    );
    await scorer.score(sample('a', 'b', 'why?'));
    expect(seen).toEqual([
      { output: 'a', expected: 'b', input: 'why?', context: 'row-1', all: { answer: 'a' } },
    ]);
  });
});
