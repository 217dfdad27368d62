import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { HoneError } from './errors.ts';
import { anyFunction, resolveOptions, withMembers } from './resolve-options.ts';

const schema = z.strictObject({
  demos: z.int().min(1).max(64).default(16),
  strength: z.number().min(0).max(1).optional(),
  minutes: z.number().positive().optional(),
  combine: z.enum(['mean', 'all']).default('mean'),
  usd: z.union([z.number().nonnegative(), z.literal('none')]).optional(),
  shares: z.tuple([z.number(), z.number()]).optional(),
  normalize: anyFunction.optional(),
  apiKey: z.string().meta({ secret: true }).optional(),
  rows: z.union([z.string(), z.strictObject({ file: z.string(), expected: z.array(z.string()) })]).optional(),
  targets: z.record(z.string(), z.strictObject({ calls: z.int().positive().optional() })).optional(),
});

function errorOf(options: unknown): HoneError {
  try {
    resolveOptions(schema, options, { of: 'thing' });
  } catch (thrown) {
    if (HoneError.isInstance(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('It was taken.');
}

test('options come back with every default written out', () => {
  const normalize = (text: string) => text;
  expect(resolveOptions(schema, { strength: 0.5, normalize }, { of: 'thing' })).toEqual({
    demos: 16,
    strength: 0.5,
    combine: 'mean',
    normalize,
  });
});

test('an option given as undefined counts as left out', () => {
  expect(resolveOptions(schema, { demos: undefined }, { of: 'thing' }).demos).toBe(16);
});

describe('what is wrong is named with its place, the value and what is allowed', () => {
  test.each<[unknown, string, string]>([
    [{ demo: 8 }, 'thing has no option "demo".', 'Did you mean demos?'],
    [{ tolerance: 1 }, 'thing has no option "tolerance".', 'It has demos, strength'],
    [{ demos: 'eight' }, "thing: demos is 'eight', but must be a whole number from 1 to 64.", 'default: 16'],
    [{ demos: 0 }, 'thing: demos is 0, but must be a whole number from 1 to 64.', 'default: 16'],
    [{ demos: 1e9 }, 'thing: demos is 1000000000, but must be a whole number from 1 to 64.', 'default: 16'],
    [{ demos: 1.5 }, 'thing: demos is 1.5, but must be a whole number from 1 to 64.', 'default: 16'],
    [{ demos: null }, 'thing: demos is null, but must be a whole number from 1 to 64.', 'default: 16'],
    [{ demos: 5n }, 'thing: demos is 5n, but must be a whole number from 1 to 64.', 'default: 16'],
    [{ strength: -0.1 }, 'thing: strength is -0.1, but must be a number from 0 to 1.', 'Correct it.'],
    [{ minutes: Number.NaN }, 'thing: minutes is NaN, but must be a number above 0.', 'Correct it.'],
    [{ minutes: Number.POSITIVE_INFINITY }, 'thing: minutes is Infinity, but must be', 'Correct it.'],
    [{ combine: 'meen' }, "thing: combine is 'meen', but must be one of mean, all.", 'Did you mean mean?'],
    [{ usd: 'non' }, "thing: usd is 'non', but must be a number from 0 on or none.", 'Correct it.'],
    [{ shares: [1] }, 'thing: shares is [ 1 ], but must be a list of 2: a number and a number.', 'Correct'],
    [{ shares: [1, 'x'] }, "thing: shares[1] is 'x', but must be a number.", 'Correct it.'],
    [{ normalize: 'nfc' }, "thing: normalize is 'nfc', but must be a function.", 'Correct it.'],
    [
      { apiKey: { secret: 'sk-1' } },
      'thing: apiKey is a value of type object, but must be a text.',
      'Correct it.',
    ],
    [{ rows: { file: 'a', expcted: [] } }, 'thing: rows.expected is missing: it must be a list', 'Correct'],
    [{ rows: { file: 'a', expected: [], x: 1 } }, 'thing: rows has no option "x".', 'It has file, expected'],
    [{ targets: { a: { call: 5 } } }, 'thing: targets.a has no option "call".', 'Did you mean calls?'],
    [{ targets: { a: { calls: 0 } } }, 'thing: targets.a.calls is 0, but must be a whole number', 'Correct'],
    [8, 'thing: the options are 8, but must be an object.', 'Correct it.'],
    [null, 'thing: the options are null, but must be an object.', 'Correct it.'],
    [[], 'thing: the options are [], but must be an object.', 'Correct it.'],
  ])('%o', (options, message, hint) => {
    const error = errorOf(options);
    expect(error.code).toBe('HONE_OPTION_INVALID');
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});

test('a long value is cut, and stays in one line', () => {
  const { message } = errorOf({ demos: { text: 'line\n'.repeat(1_000) } });
  expect(message.length).toBeLessThan(250);
  expect(message).not.toContain('\n');
});

describe('an object with members', () => {
  const thing = z.strictObject({
    scorer: withMembers<object>('a scorer, such as exactMatch("category")', {
      name: z.string(),
      score: anyFunction,
    }),
  });
  const check = (scorer: unknown) => () => resolveOptions(thing, { scorer }, { of: 'evaluate' });

  it('comes back as it is', () => {
    const scorer = new (class {
      name = 'x';
      score() {}
    })();
    expect(resolveOptions(thing, { scorer }, { of: 'evaluate' }).scorer).toBe(scorer);
  });

  test.each<[unknown, RegExp]>([
    [{ name: 'x' }, /evaluate: scorer\.score is missing: it must be a function/],
    [{ name: 1, score: () => 1 }, /evaluate: scorer\.name is 1, but must be a text/],
    [undefined, /evaluate: scorer is missing: it must be a scorer, such as/],
    [function exactMatch() {}, /evaluate: scorer is the function exactMatch, but must be a scorer/],
    ['exact', /evaluate: scorer is 'exact', but must be a scorer/],
  ])('is refused when it is %o', (scorer, message) => {
    expect(check(scorer)).toThrow(message);
  });
});
