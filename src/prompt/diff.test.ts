import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import type { Candidate } from './candidate.ts';
import { diffCandidates, diffLines, formatDiff } from './diff.ts';

test('a diff shows what went, what came and what stayed, by parameter', () => {
  const before: Candidate = {
    'p.instructions': { kind: 'text', text: 'Sort.\nBe brief.' },
    'p.format': { kind: 'choice', value: 'chat' },
    'p.demos': { kind: 'demos', sets: [] },
  };
  const after: Candidate = {
    ...before,
    'p.instructions': { kind: 'text', text: 'Sort the ticket.\nBe brief.' },
    'p.demos': {
      kind: 'demos',
      sets: [{ demos: [{ inputs: { t: 'a\nb' }, outputs: { c: 1 }, source: 'r1' }], weight: 2 }],
    },
    'p.calibration': { kind: 'calibration', offsets: { b: 1, a: -1 } },
  };
  expect(formatDiff(diffCandidates(before, after))).toBe(`p.calibration
+ a: -1
+ b: 1

p.demos
+ weight: 2
+ demo (r1)
+   t: a
+   b
+   c: 1

p.instructions
- Sort.
+ Sort the ticket.
  Be brief.`);
  expect(diffCandidates(after, after)).toEqual([]);
});

test('a diff gives back both sides and keeps as much as can be kept', () => {
  const random = createRandom('diff');
  for (let round = 0; round < 300; round += 1) {
    const draw = () => Array.from({ length: random.integer(8) }, () => 'abc'[random.integer(3)] as string);
    const before = draw();
    const after = draw();
    const lines = diffLines(before, after);
    const side = (left: string) => lines.filter(({ kind }) => kind !== left).map(({ text }) => text);
    expect(side('added')).toEqual(before);
    expect(side('removed')).toEqual(after);
    expect(lines.filter(({ kind }) => kind === 'same')).toHaveLength(longestCommon(before, after));
  }
});

/** By trying every subset: slow and plainly right. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let longest = 0;
  for (let mask = 0; mask < 2 ** a.length; mask += 1) {
    const kept = a.filter((_, index) => mask & (1 << index));
    let at = 0;
    for (const item of b) if (item === kept[at]) at += 1;
    if (at === kept.length) longest = Math.max(longest, kept.length);
  }
  return longest;
}
