import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { type Judgement, scorer } from './custom-scorer.ts';
import type { Sample, Scorer } from './scorer.ts';

const sample: Sample = {
  example: { id: 'row-7', inputs: { text: 'hi' }, expected: { answer: 'a' }, metadata: { source: 'mail' } },
  outputs: { answer: 'a' },
  trace: [],
};

const isRight = ({ outputs, expected }: { outputs: { answer?: string }; expected: { answer: string } }) =>
  outputs.answer === expected.answer;
const create = (options = {}): Scorer =>
  scorer('right', isRight, { passFail: true, expects: ['answer'], ...options });

describeScorer('scorer', create, {
  samples: [
    { outputs: { answer: 'a' }, expected: { answer: 'a' } },
    { outputs: { answer: 'b' }, expected: { answer: 'a' } },
  ],
  variants: [
    () => create({ version: '2' }),
    () => create({ failValue: 0.1 }),
    () => create({ passFail: false }),
    () => scorer('right', () => 0.5, { passFail: true, expects: ['answer'] }),
    () => scorer('other', isRight, { passFail: true, expects: ['answer'] }),
  ],
});

test.each<{ judgement: Judgement; score: object }>([
  { judgement: 0.25, score: { status: 'scored', value: 0.25 } },
  { judgement: true, score: { status: 'scored', value: 1 } },
  { judgement: false, score: { status: 'scored', value: 0 } },
  { judgement: { score: 0.5, feedback: 'half' }, score: { status: 'scored', value: 0.5, feedback: 'half' } },
  { judgement: { score: true }, score: { status: 'scored', value: 1 } },
  {
    judgement: { score: 0.5, objectives: { short: 1 } },
    score: { status: 'scored', value: 0.5, objectives: { short: 1 } },
  },
  { judgement: null, score: { status: 'unscored', reason: '"mine" does not apply to this row.' } },
  { judgement: { score: null, feedback: 'no table' }, score: { status: 'unscored', reason: 'no table' } },
])('$judgement becomes $score', async ({ judgement, score }) => {
  expect(await scorer('mine', () => judgement).score(sample)).toEqual(score);
  expect(await scorer('mine', async () => judgement).score(sample)).toEqual(score);
});

test.each<{ shown: string; judgement: unknown }>([
  { shown: '1.2', judgement: 1.2 },
  { shown: '-0.1', judgement: -0.1 },
  { shown: 'NaN', judgement: Number.NaN },
  { shown: 'undefined', judgement: undefined },
  { shown: "'good'", judgement: 'good' },
  { shown: '{ score: NaN }', judgement: { score: Number.NaN } },
  { shown: '{ value: 1 }', judgement: { value: 1 } },
  { shown: '{ short: 3 }', judgement: { score: 1, objectives: { short: 3 } } },
])('$shown is an error that names the scorer and the row', async ({ shown, judgement }) => {
  const mine = scorer('mine', () => judgement as Judgement);
  await expect(mine.score(sample)).rejects.toMatchObject({
    code: 'HONE_SCORER_FAILED',
    message: `Scorer "mine" gave no score for row row-7, but ${shown}.`,
    facts: { scorer: 'mine', exampleId: 'row-7' },
  });
});

test('a pass/fail scorer that grades is an error with the option to change', async () => {
  const mine = scorer('mine', () => 0.5, { passFail: true });
  await expect(mine.score(sample)).rejects.toMatchObject({
    code: 'HONE_SCORER_FAILED',
    hint: 'Return true or false, or leave `passFail` out.',
  });
});

describe('what the function throws', () => {
  test('is an error with its cause, never a 0', async () => {
    const cause = new TypeError('x is undefined');
    const mine = scorer('mine', () => {
      throw cause;
    });
    await expect(mine.score(sample)).rejects.toMatchObject({
      code: 'HONE_SCORER_FAILED',
      message: 'Scorer "mine" threw on row row-7: x is undefined',
      cause,
    });
  });

  test('passes through when it is an error of a model that it asked', async () => {
    const limited = new HoneError('Too many requests.', { code: 'HONE_MODEL_RATE_LIMITED' });
    const mine = scorer('mine', () => Promise.reject(limited));
    await expect(mine.score(sample)).rejects.toBe(limited);
  });

  test('is the reason of the abort after an abort', async () => {
    const controller = new AbortController();
    const mine = scorer('mine', () => {
      controller.abort(new Error('stopped'));
      throw new Error('socket closed');
    });
    await expect(mine.score({ ...sample, signal: controller.signal })).rejects.toThrow('stopped');
  });
});

test('the function sees the row, the answer and how it came about', async () => {
  let seen: unknown;
  await scorer('mine', (context) => {
    seen = context;
    return 1;
  }).score(sample);
  expect(seen).toEqual({
    inputs: { text: 'hi' },
    outputs: { answer: 'a' },
    expected: { answer: 'a' },
    metadata: { source: 'mail' },
    trace: [],
    exampleId: 'row-7',
    ask: expect.any(Function),
    models: {},
    signal: undefined,
  });
});

test.each([-0.1, 1.1, Number.NaN])('a fail value of %d is refused', (failValue) => {
  expect(() => scorer('mine', () => 1, { failValue })).toThrow(
    expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
  );
});
