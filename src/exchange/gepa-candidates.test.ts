import { expect, test } from 'vitest';
import { chainOfThought } from '../program/chain-of-thought.ts';
import { pipeline } from '../program/pipeline.ts';
import { predict } from '../program/predict.ts';
import { signature } from '../signature/shorthand.ts';
import { importGepaCandidates } from './gepa-candidates.ts';

const two = pipeline([
  chainOfThought(signature('text -> gist'), { name: 'gist' }),
  predict(signature('gist -> kind'), { name: 'sort' }),
]);
const candidates = [
  { 'gist.predict': 'Give the gist.', sort: 'Sort.' },
  { 'gist.predict': 'Give the gist of {{it}}.', sort: 'Sort.' },
];
const instructions = (candidate: object, step: string) =>
  (candidate as Record<string, { text: string }>)[`${step}.instructions`]?.text;

test('candidates.json of a GEPA run gives candidates of a program with the same steps', () => {
  const run = importGepaCandidates(JSON.stringify(candidates), two);
  expect(run.candidates).toHaveLength(2);
  expect(run.best).toBeUndefined();
  expect(instructions(run.candidates[1]?.candidate ?? {}, 'gist')).toBe('Give the gist of \\{{it}}.');
  expect(instructions(run.candidates[1]?.candidate ?? {}, 'sort')).toBe('Sort.');
  expect(Object.keys(run.candidates[0]?.candidate ?? {})).toEqual(Object.keys(two.seed));
});

test('the result as JSON says their scores, their parents and the best', () => {
  const result = {
    candidates,
    parents: [[null], [0]],
    val_aggregate_scores: [0.5, 0.75],
    best_idx: 1,
    seed: 0,
  };
  const run = importGepaCandidates(JSON.stringify(result), two);
  expect(run.best).toBe(1);
  expect(run.candidates.map(({ score, parents }) => [score, parents])).toEqual([
    [0.5, []],
    [0.75, [0]],
  ]);
});

test('the one component of one step is its instructions, whatever it is called; of several steps it is not', () => {
  const one = predict(signature('text -> kind'));
  const text = JSON.stringify([{ system_prompt: 'Sort.' }]);
  expect(instructions(importGepaCandidates(text, one).candidates[0]?.candidate ?? {}, 'answer')).toBe(
    'Sort.',
  );
  expect(() => importGepaCandidates(text, two)).toThrow(/the component "system_prompt" is no text parameter/);
  const components = { system_prompt: 'sort.instructions' };
  expect(
    instructions(importGepaCandidates(text, two, { components }).candidates[0]?.candidate ?? {}, 'sort'),
  ).toBe('Sort.');
});

test.each<[string, string, RegExp]>([
  ['no JSON', '[', /c\.json is no JSON/],
  ['no texts', '[{"a": 1}]', /c\.json holds no candidates of GEPA: 0\.a/],
  [
    'two components for one parameter',
    '[{"sort": "a", "sort.instructions": "b"}]',
    /two components of a candidate are sort\.instructions/,
  ],
])('a file is refused for %s', (_, text, message) => {
  expect(() => importGepaCandidates(text, two, { file: 'c.json' })).toThrow(
    expect.objectContaining({ code: 'HONE_IMPORT_INVALID', message: expect.stringMatching(message) }),
  );
});
