import { describe, expect, test } from 'vitest';
import type { ComparedRow, ExperimentComparison } from '../experiment/experiment.ts';
import { comparisonCsv } from './comparison-csv.ts';
import { renderComparisonAsHtml } from './comparison-html.ts';
import { renderComparisonAsJunit } from './comparison-junit.ts';
import { renderComparisonAsMarkdown } from './comparison-markdown.ts';

const nasty = '=HYPERLINK("http://evil")|<script>alert(1)</script>`\n\u0000\ud800';

const side = { failed: false, latencyMs: 10 };
const row = (change: ComparedRow['change'], id: string): ComparedRow => ({
  id,
  change,
  baseline: { ...side, score: 1 },
  challenger: { ...side, score: change === 'regressed' ? 0 : 1 },
  delta: change === 'regressed' ? -1 : 0,
});
const head = {
  id: 'evaluation-1',
  name: nasty,
  createdAt: 0,
  candidate: 'abc',
  snapshot: {
    schemaVersion: 1,
    dataset: { name: 'rows', version: 'v', rows: 3 },
    split: 'all',
    scorers: [{ name: nasty, version: '1', passFail: true, failValue: 0 }],
    scorer: 's',
    models: { task: nasty },
    trials: 1,
  },
} as const;
const comparison: ExperimentComparison = {
  baseline: head,
  challenger: { ...head, id: 'evaluation-2' },
  scores: [{ name: nasty, verdict: 'incomplete' }],
  deltas: [],
  rows: [row('regressed', nasty), row('unchanged', 'a'), { ...row('error', 'b'), delta: undefined }],
  counts: { improved: 0, regressed: 1, unchanged: 1, error: 1, unscored: 0 },
  pairedBy: { id: 3, input: 0 },
  unmatched: { baseline: ['+gone'], challenger: [] },
  prompt: [{ name: nasty, lines: [{ kind: 'added', text: '``` </pre>' }] }],
  notes: [],
};
const view = {
  comparison,
  selected: 1,
  shown: [{ row: row('regressed', nasty), challenger: { inputs: { text: nasty }, feedback: nasty } }],
};

describe('a comparison of hostile rows', () => {
  test('runs nothing in a spreadsheet', () => {
    const lines = [...comparisonCsv([comparison])].slice(1).join('');
    const cells = lines.split(/,|\n(?=evaluation)/);
    expect(cells.filter((cell) => /^"?[=+\-@\t\r＝]/u.test(cell) && !/^-1$/.test(cell))).toEqual([]);
    expect(lines).toContain("'+gone,,only-in-baseline");
  });

  test('runs nothing in a browser', () => {
    const page = renderComparisonAsHtml([view]);
    expect(page).not.toContain('<script');
    expect(page).not.toContain('</pre></pre>');
    expect(page).toContain("default-src 'none'");
  });

  test('is XML that can be read, with failures, errors and skipped rows', () => {
    const page = renderComparisonAsJunit([view]);
    for (const sign of ['\u0000', '\ud800']) expect(page).not.toContain(sign);
    expect(page).not.toContain('<script');
    expect(page).toContain('tests="4" failures="1" errors="1" skipped="1"');
    expect(page).toContain('<skipped message="only in the baseline"/>');
  });

  test('stays text in Markdown, in a fence longer than what is in it', () => {
    const page = renderComparisonAsMarkdown(view);
    const [, fenced = ''] = /````diff\n([\s\S]*?)\n````/.exec(page) ?? [];
    expect(fenced).toContain('+ ``` </pre>');
    const rest = page.replace(fenced, '');
    expect(rest).not.toContain('<script>');
    // A line break in a name would end its row of the table.
    const table = rest.split('\n').filter((line) => line.includes('HYPERLINK') && line.startsWith('|'));
    expect(table.every((line) => line.endsWith('|'))).toBe(true);
    expect(table).toHaveLength(2);
    expect(page).toContain('1 row only in the baseline evaluation-1: +gone.');
  });
});
