import { expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { saveCandidate } from '../prompt/saved-candidate.ts';
import { signature } from '../signature/shorthand.ts';
import { loadCandidate } from './load-candidate.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const candidate: Candidate = {
  'p.instructions': { kind: 'text', text: 'Sort "it".\n' },
  'p.demos': {
    kind: 'demos',
    sets: [
      { demos: [{ inputs: { t: null }, outputs: { c: ['x'] }, source: 'r' }], weight: 0.5, format: 'json' },
    ],
  },
  'p.format': { kind: 'choice', value: 'chat' },
  'p.calibration': { kind: 'calibration', offsets: { a: -1.25 } },
};

test('a saved candidate is loaded again, whatever stands beside it', () => {
  expect(loadCandidate(saveCandidate(candidate))).toEqual(candidate);
  const more = { ...JSON.parse(saveCandidate(candidate)), evidence: { winner: 0.8 } };
  expect(loadCandidate(JSON.stringify(more))).toEqual(candidate);
});

test.each<[string, string, RegExp]>([
  ['no JSON', '{', /^c\.json is no JSON/],
  ['another version', '{"schemaVersion":2,"candidate":{}}', /^c\.json: schemaVersion is wrong/],
  [
    'a wrong kind',
    '{"schemaVersion":1,"candidate":{"a":{"kind":"txt"}}}',
    /^c\.json: candidate\.a\.kind is wrong/,
  ],
  [
    'a demo without outputs',
    '{"schemaVersion":1,"candidate":{"a":{"kind":"demos","sets":[{"demos":[{"inputs":{}}]}]}}}',
    /^c\.json: candidate\.a\.sets\[0\]\.demos\[0\]\.outputs is wrong/,
  ],
  ['a list', '[]', /^c\.json: the file is wrong/],
])('a saved candidate is refused with the place for %s', (_, text, message) => {
  try {
    loadCandidate(text, { file: 'c.json' });
    expect.unreachable();
  } catch (thrown) {
    expect(HoneError.isInstance(thrown) && thrown.code).toBe('HONE_CANDIDATE_INVALID');
    expect((thrown as HoneError).message).toMatch(message);
  }
});

const sorting = "text -> kind: 'fruit' | 'vegetable'";
const two = pipeline([
  predict(signature('text -> gist'), { name: 'shorten' }),
  predict(signature("gist -> kind: 'fruit' | 'vegetable'"), { name: 'sort' }),
]);

test('a saved candidate says what it was made for, where it comes from, and what it is', () => {
  const text = saveCandidate(two.seed, { program: two, provenance: { run: 'run-1', verdict: 'improved' } });
  const saved = JSON.parse(text);
  expect(saved).toMatchObject({
    schemaVersion: 1,
    hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    provenance: { run: 'run-1' },
    program: { steps: [{ name: 'shorten' }, { name: 'sort', outputs: [{ name: 'kind' }] }] },
  });
  expect(loadCandidate(text, { program: two })).toEqual(two.seed);
});

test('parameters that were changed after they were saved are not what was proven', () => {
  const text = saveCandidate(two.seed, { program: two }).replace('Give the gist', 'Make up the gist');
  expect(() => loadCandidate(text, { file: 'w.json' })).toThrow(/^w\.json: the parameters were changed/);
  const { hash: _, ...edited } = JSON.parse(text);
  expect(loadCandidate(JSON.stringify(edited), { program: two })['shorten.instructions']).toEqual({
    kind: 'text',
    text: 'Make up the gist for the text.',
  });
});

test.each<[string, string, RegExp]>([
  [
    'other answers',
    "gist -> kind: 'fruit' | 'nut'",
    /sort\.instructions .*"kind" was one of: fruit, vegetable/,
  ],
  ['another input', "essence -> kind: 'fruit' | 'vegetable'", /sort\.instructions .*the input "gist"/],
  ['a further output', "gist -> kind: 'fruit' | 'vegetable', why", /sort\.calibration/],
  ['no closed choice', 'gist -> kind', /sort\.calibration/],
])(
  'a candidate of a program of two steps is refused by one with %s, naming the parameter',
  (_, text, message) => {
    const saved = saveCandidate(two.seed, { program: two });
    const other = pipeline([
      predict(signature('text -> gist'), { name: 'shorten' }),
      predict(signature(text as 'gist -> kind'), { name: 'sort' }),
    ]);
    expect(() => loadCandidate(saved, { file: 'w.json', program: other })).toThrow(
      expect.objectContaining({ code: 'HONE_CANDIDATE_INVALID', message: expect.stringMatching(message) }),
    );
  },
);

test('what a candidate leaves out, the seed of the program gives; another description is no other type', () => {
  const program = predict(signature(sorting, { instructions: 'Sort.' }));
  const only = { 'answer.instructions': { kind: 'text', text: 'Sort it well.' } } as const;
  const described = predict(signature(sorting, { descriptions: { text: 'what it is' } }));
  const loaded = loadCandidate(saveCandidate(only, { program }), { program: described });
  expect(loaded).toEqual({ ...described.seed, ...only });
});
