import { expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { type EvaliteScorer, fromEvalite } from './from-evalite.ts';
import type { Scorer } from './scorer.ts';

interface Row {
  readonly inputs?: JsonObject;
  readonly outputs: JsonObject;
  readonly expected?: JsonObject;
}

const score = async (theirs: Scorer, { inputs = { q: 'long question' }, outputs, expected }: Row) =>
  theirs.score({ example: { id: 'r1', inputs, expected }, outputs, trace: [] });

test('a scorer of evalite is taken in each of its forms, with its reason', async () => {
  const made = async ({ input, output }: { input: string; output: string }) => ({
    name: 'short',
    score: output.length < input.length ? 1 : 0.25,
    metadata: { reason: 'Longer than the question.' },
  });
  const row = { outputs: { a: 'a very long answer' } };
  const wanted = { status: 'scored', value: 0.25, feedback: 'Longer than the question.' };
  expect(await score(fromEvalite(made, { name: 'short' }), row)).toMatchObject(wanted);
  expect(await score(fromEvalite({ name: 'short', scorer: made }), row)).toMatchObject(wanted);
  const plain = { name: 'brief', scorer: ({ output }: { output: string }) => (output.length < 400 ? 1 : 0) };
  expect(fromEvalite(plain).name).toBe('brief');
  expect(await score(fromEvalite(plain), row)).toMatchObject({ value: 1 });
});

test('sees the field that it is told to, and is another scorer when its code is another', async () => {
  const seen: unknown[] = [];
  const spy = (given: unknown) => {
    seen.push(given);
    return 1;
  };
  const row = { inputs: { q: 1 }, outputs: { a: 3, b: 4 }, expected: { b: 5 } };
  await score(fromEvalite(spy, { field: 'b' }), row);
  expect(seen).toEqual([{ input: 1, output: 4, expected: 5 }]);
  const other = fromEvalite(() => 1, { name: 'spy', field: 'b' });
  expect(other.version).not.toBe(fromEvalite(spy, { field: 'b' }).version);
});

test('no score is unscored, and what is no score is an error, never a 0', async () => {
  const row = { outputs: { a: 'x' } };
  expect(
    await score(
      fromEvalite(() => null, { name: 's' }),
      row,
    ),
  ).toMatchObject({ status: 'unscored' });
  await expect(
    score(
      fromEvalite(() => 7, { name: 's' }),
      row,
    ),
  ).rejects.toThrow(/gave no score/);
  await expect(
    score(
      fromEvalite(() => ({}), { name: 's' }),
      row,
    ),
  ).rejects.toThrow(/gave no score/);
  const broken = fromEvalite(() => Promise.reject(new Error('no key')), { name: 's' });
  await expect(score(broken, row)).rejects.toThrow(/no key/);
});

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /no scorer of evalite/],
  ['a text', 'short', /no scorer of evalite/],
  [
    'a function without a name',
    (
      () => () =>
        1
    )(),
    /has no name/,
  ],
])('%s is refused', (_, theirs, message) => {
  expect(() => fromEvalite(theirs as EvaliteScorer)).toThrow(message);
});
