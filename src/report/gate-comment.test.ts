import { expect, test } from 'vitest';
import type { GateReport } from '../experiment/gate-experiments.ts';
import { commentMarker, longestComment, renderGateAsMarkdown } from './gate-comment.ts';

const gate = (reason: string): GateReport => ({
  result: 'fail',
  suite: 'triage',
  challenger: 'eval-1',
  candidate: 'abc',
  checks: [{ name: 'must pass', result: 'fail', reason }],
  broken: [],
  fixed: [],
});

test('a marker ends no comment early and differs by suite', () => {
  expect(commentMarker('a --> <b>')).toMatch(/^<!-- hone:[^<>-]+ -->$/);
  expect(commentMarker('a-b')).not.toBe(commentMarker('a_b'));
});

test('a comment calls nobody and links no other issue', () => {
  const text = renderGateAsMarkdown({ gate: gate('@octocat of #12'), baselineWords: 'none' });
  expect(text).not.toMatch(/@octocat|#12/);
  expect(text).toContain('octocat');
});

test('a comment stays below 60 kB whatever is in it', () => {
  const notes = Array.from({ length: 3_000 }, () => 'ä long note about one of the rows');
  const text = renderGateAsMarkdown({ gate: gate('x'), baselineWords: 'none', notes });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(longestComment);
  expect(text).toContain('… cut.');
  expect(text.startsWith('<!-- hone:triage -->')).toBe(true);
});
