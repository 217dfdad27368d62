import { expect, test } from 'vitest';
import { hashCandidate } from '../../prompt/candidate.ts';
import type { Scored } from './ledger.ts';
import { withinReach } from './within-reach.ts';

/** One character a row: `1` right, `0` wrong, `x` without a score, a space for a row that was not asked about. */
function scoring(name: string, marks: string): Scored {
  const candidate = { 'answer.instructions': { kind: 'text', text: name } } as const;
  const asked = [...marks].flatMap((mark, index) =>
    mark === ' ' ? [] : [[String(index), mark === 'x' ? undefined : Number(mark)] as const],
  );
  return { candidate, hash: hashCandidate(candidate), scores: new Map(asked) };
}

test.each([
  { what: 'as good', marks: '11111111', kept: true },
  { what: 'a little worse', marks: '11110011', kept: true },
  { what: 'much worse on seven rows', marks: '0000000', kept: true },
  { what: 'much worse on eight rows', marks: '00000000', kept: false },
  { what: 'much worse on rows that the leader does not have', marks: '        00000000', kept: true },
  { what: 'much worse on rows of which two are lost', marks: '000000xx', kept: true },
  { what: 'worse on most of twelve rows', marks: '01000010 1000', kept: false },
])('one that is $what is within reach: $kept', ({ marks, kept }) => {
  const leader = scoring('leader', '11111111');
  const wide = scoring('leader', '1111111111111');
  const other = scoring('other', marks);
  expect(withinReach([other], marks.length > 8 && marks[0] !== ' ' ? wide : leader)).toEqual(
    kept ? [other] : [],
  );
});

test('without a leader everyone is', () => {
  const other = scoring('other', '00000000');
  expect(withinReach([other], undefined)).toEqual([other]);
});
