import { expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { Candidate } from './candidate.ts';
import { loadCandidate, saveCandidate } from './saved-candidate.ts';

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
