import { describe, expect, test } from 'vitest';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { evaluate, optimize } from './library.ts';

const wanted = {
  program: predict(signature('ticket -> category')),
  dataset: [{ id: '1', inputs: { ticket: 'x' }, expected: { category: 'a' } }],
  scorer: exactMatch('category'),
  model: scriptedModel({ replies: ['a'] }),
};
const { program: _, ...withoutProgram } = wanted;

describe('a call of evaluate() is refused before anything runs', () => {
  test.each<[object, RegExp]>([
    [withoutProgram, /^evaluate: program is missing: it must be a program, such as predict/],
    [{ ...wanted, scorers: [] }, /^evaluate has no option "scorers"/],
    [
      { ...wanted, program: { shape: {} } },
      /^evaluate: program\.shape\.name is missing|program\.signature is missing/,
    ],
    [{ ...wanted, program: predict }, /^evaluate: program is the function predict, but must be a program/],
    [{ ...wanted, scorer: () => 1 }, /^evaluate: scorer is .*function.*, but must be a scorer/],
    [{ ...wanted, scorer: [] }, /^evaluate: scorer is \[\], but must be/],
    [
      { ...wanted, scorer: { name: 'mine', score: () => 1 } },
      /^evaluate: scorer\.version is missing: it must be a text/,
    ],
    [{ ...wanted, dataset: 'rows.csv' }, /^evaluate: dataset is 'rows\.csv', but must be rows: a dataset/],
    [{ ...wanted, trials: 0 }, /^evaluate: trials is 0, but must be a whole number from 1/],
    [{ ...wanted, concurrency: Number.NaN }, /^evaluate: concurrency is NaN/],
    [{ ...wanted, cache: 'no' }, /^evaluate: cache is 'no', but must be one of on, off, read, replay/],
    [
      { ...wanted, budget: { minutes: Number.NaN } },
      /^evaluate: budget\.minutes is NaN, but must be a number above 0/,
    ],
    [{ ...wanted, budget: { reflectionCalls: 5 } }, /^evaluate: budget has no option "reflectionCalls"/],
    [{ ...wanted, budget: 5 }, /^evaluate: budget is 5, but must be/],
    [{ ...wanted, model: 5 }, /^evaluate: model is 5, but must be a text that is not empty or a Hone model/],
  ])('%#', async (options, message) => {
    await expect(evaluate(options as never).result()).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

describe('a call of optimize() is refused before anything runs', () => {
  test.each<[object, RegExp]>([
    [{ budget: { call: 5 } }, /^optimize: budget has no option "call"/],
    [{ budget: { usd: -1 } }, /^optimize: budget\.usd is -1, but must be a number from 0/],
    [{ budget: { calls: '100' } }, /^optimize: budget\.calls is '100', but must be a whole number/],
    [{ budget: { calls: Number.POSITIVE_INFINITY } }, /^optimize: budget\.calls is Infinity/],
    [{ budget: { tokens: 0 } }, /^optimize: budget\.tokens is 0/],
    [{ shares: [0.5, 0.5] }, /^optimize: shares is \[ 0\.5, 0\.5 \], but must be a list of 3/],
    [{ shares: [0.5, 0.5, 0] }, /^optimize: shares\[2\] is 0, but must be a number above 0/],
    [{ shares: [0.5, 0.3, 0.1] }, /^optimize: shares: the shares .* must add up to 1/],
    [{ randomSeed: -1 }, /^optimize: randomSeed is -1/],
    [{ randomSeed: '1' }, /^optimize: randomSeed is '1'/],
    [{ seed: 1 }, /^optimize has no option "seed"/],
    [{ maxCandidates: 0 }, /^optimize: maxCandidates is 0/],
    [{ concurrency: 1e9 }, /^optimize: concurrency is 1000000000/],
    [{ optimizer: { name: 'mine' } }, /^optimize: optimizer\.version is missing: it must be a number/],
    [{ optimizer: () => undefined }, /^The optimizer is undefined, /],
    [{ optimizer: 'auto:{set: 3}' }, /^auto has no option "set"/],
  ])('%o', async (options, message) => {
    await expect(optimize({ ...wanted, ...options } as never).result()).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringMatching(message),
    });
  });
});
