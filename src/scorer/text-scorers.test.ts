import { describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { contains } from './contains.ts';
import { regex } from './regex.ts';
import type { Scorer } from './scorer.ts';

function score(scorer: Scorer, outputs: Record<string, Json>, expected?: Record<string, Json>) {
  return scorer.score({ example: { id: 'row-1', inputs: {}, expected }, outputs, trace: [] });
}

describe('contains', () => {
  describeScorer('contains', () => contains('reply'), {
    samples: [
      { outputs: { reply: 'You get 5 EUR back.' }, expected: { reply: '5 EUR' } },
      { outputs: { reply: 'No.' }, expected: { reply: '5 EUR' } },
    ],
    variants: [() => contains('answer'), () => contains('reply', { ignoreCase: true })],
  });

  test.each<{ expected: Json; reply: Json; value: number }>([
    { expected: '5 EUR', reply: 'You get 5 EUR back.', value: 1 },
    { expected: '5 eur', reply: 'You get 5 EUR back.', value: 0 },
    { expected: ['refund', 'order 7'], reply: 'The refund of order 7 is on its way.', value: 1 },
    { expected: ['refund', 'order 8'], reply: 'The refund of order 7 is on its way.', value: 0 },
    { expected: 12, reply: 'It costs 12 EUR.', value: 1 },
    { expected: 'b', reply: ['a', 'b'], value: 1 },
    { expected: '', reply: 'anything', value: 0 },
    { expected: '', reply: '', value: 1 },
    { expected: '5 EUR', reply: 'You get 15 EUR back.', value: 0 },
    { expected: '5 EUR', reply: 'You get 15 EUR, that is 5 EUR more.', value: 1 },
    { expected: '5 EUR', reply: 'balance -5 EUR', value: 0 },
    { expected: '1,234', reply: 'It costs 1,234.50.', value: 0 },
    { expected: '東京', reply: '東京タワー', value: 1 },
  ])('gives $value for $reply against $expected', ({ expected, reply, value }) => {
    expect(score(contains('reply'), { reply }, { reply: expected })).toMatchObject({ value });
  });

  test('names what the answer lacks', () => {
    expect(
      score(contains('reply'), { reply: 'The refund is due.' }, { reply: ['refund', 'order 8'] }),
    ).toMatchObject({
      feedback: 'The answer lacks "order 8"; got "The refund is due.".',
    });
  });
});

describe('regex', () => {
  describeScorer('regex', () => regex('code', /^[A-Z]{2}\d+$/g), {
    samples: [{ outputs: { code: 'AB12' } }, { outputs: { code: 'ab12' } }, { outputs: {} }],
    variants: [() => regex('code', /^[A-Z]{2}\d+$/i), () => regex('id', /^[A-Z]{2}\d+$/)],
  });

  test('a source text works like the expression, and values that are no text are matched as JSON', () => {
    expect(score(regex('code', '^\\d+$'), { code: 42 })).toMatchObject({ value: 1 });
    expect(score(regex('tags', '"urgent"'), { tags: ['urgent'] })).toMatchObject({ value: 1 });
  });

  test('an absent output never matches, and the feedback names the pattern', () => {
    expect(score(regex('code', /.*/), {})).toEqual({
      status: 'scored',
      value: 0,
      feedback: 'Expected a match of /.*/, got nothing.',
    });
  });

  test('a broken pattern is refused where it is written', () => {
    expect(() => regex('code', '(')).toThrow(expect.objectContaining({ code: 'HONE_OPTION_INVALID' }));
  });
});
