import { expect, test } from 'vitest';
import type { Candidate, DemoSet } from '../prompt/candidate.ts';
import { signature } from '../signature/shorthand.ts';
import { predict } from './predict.ts';

const closed = predict(signature('text -> label: "a" | "b" | "c"'));
const open = predict(signature('text -> summary'));

function withSets(sets: readonly DemoSet[], format = 'chat'): Candidate {
  return { 'answer.demos': { kind: 'demos', sets }, 'answer.format': { kind: 'choice', value: format } };
}

test.each([
  { what: 'no demos', program: closed, candidate: closed.seed, calls: 1, most: 2 },
  { what: 'one set', program: closed, candidate: withSets([{ demos: [] }]), calls: 1, most: 2 },
  {
    what: 'three sets',
    program: open,
    candidate: withSets([{ demos: [] }, { demos: [] }, { demos: [] }]),
    calls: 3,
    most: 6,
  },
  {
    what: 'a channel of three answers',
    program: closed,
    candidate: withSets([], 'channel'),
    calls: 3,
    most: 3,
  },
  {
    what: 'a chat beside a channel',
    program: closed,
    candidate: withSets([{ demos: [] }, { demos: [], format: 'channel' }]),
    calls: 4,
    most: 5,
  },
  {
    what: 'a set whose own layout overrules the channel of the step',
    program: closed,
    candidate: withSets([{ demos: [], format: 'json' }, { demos: [] }], 'channel'),
    calls: 4,
    most: 5,
  },
])('$what: $calls calls a row, $most at most', ({ program, candidate, calls, most }) => {
  expect(program.calls(candidate)).toEqual({ typical: calls, most });
});
