import { describe, expect, test } from 'vitest';
import { sampleHash, sampleReport } from '../testing/sample-report.ts';
import { renderCurve, renderInterval } from './curve-svg.ts';
import * as numbers from './numbers.ts';
import { renderReportAsHtml } from './report-html.ts';
import { renderReportAsMarkdown } from './report-markdown.ts';

const view = sampleReport();
const { report } = view;

describe('a report as HTML', () => {
  const html = renderReportAsHtml(view);

  test('is one file that loads nothing and runs nothing', () => {
    expect(html).not.toMatch(/<script|<link|<img|https?:\/\//);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('prefers-color-scheme: dark');
  });

  test('escapes every text of rows, models and prompts', () => {
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html.match(/onerror/g)?.length).toBeGreaterThanOrEqual(4);
  });

  test('shows the final prompt, the figures, the curve and the rows', () => {
    expect(html).toMatch(/<details open><summary><h2>The winner<\/h2><\/summary><pre>Classify\./);
    expect(html).toContain('<span class="value">0.90</span>');
    expect(html).toContain('class="best"');
    expect(html).toContain('Rows fixed (1)');
    expect(html).not.toContain('Rows broken');
  });
});

describe('a report as Markdown', () => {
  const markdown = renderReportAsMarkdown(view);

  test('keeps texts out of the markup, and fences the prompt with more backticks than it has', () => {
    expect(markdown).toContain('\\<img src=x onerror=alert(1)\\>');
    expect(markdown).toMatch(/^````markdown\nClassify\./m);
    expect(markdown).toContain('\\| \\`code\\` \\*\\*bold\\*\\*');
  });

  test('has the proof as a table', () => {
    expect(markdown).toContain('| Difference | **+0.62** (95 % interval +0.46 to +0.73) |');
    expect(markdown).toContain('| Calibrated seed | 0.40 |');
  });
});

describe('a report of several objectives', () => {
  const front = [
    { hash: report.best.hash, objectives: { score: 0.9, cost: 0.004 } },
    { hash: sampleHash('kneekneekneeknee'), objectives: { score: 0.85, cost: 0.001 } },
    { hash: report.seed.hash, objectives: { score: 0.3, cost: 0.0005 } },
  ];
  const several = {
    ...view,
    report: {
      ...report,
      front,
      knee: sampleHash('kneekneekneeknee'),
      objectives: [
        { name: 'score', direction: 'maximize' },
        { name: 'cost', direction: 'minimize', bound: 0.005 },
      ],
    } as const,
  };

  test('draws the front with its knee', () => {
    const html = renderReportAsHtml(several);
    expect(html).toContain('<h2>The front</h2>');
    expect(html.match(/<circle class="(candidate|difference)" cx="[\d.]+" cy="[\d.]+" r="5"/g)).toHaveLength(
      3,
    );
    expect(html).toContain('>knee</text>');
    expect(html).toContain('cost ≤ $0.0050');
  });

  test('lists it as Markdown', () => {
    expect(renderReportAsMarkdown(several)).toContain('| 0.85 | $0.0010 | `kneekneekneeknee` | knee |');
  });

  test('has no front where the score is all that counts', () => {
    expect(renderReportAsHtml(view)).not.toContain('The front');
    expect(renderReportAsMarkdown(view)).not.toContain('The front');
  });
});

test('the curve is a dot for each candidate and one line, the interval a bar beside zero', () => {
  expect(renderCurve(report.curve).match(/<circle/g)).toHaveLength(2);
  expect(renderCurve([])).toBe('');
  expect(renderInterval(0, [-0.1, 0.1])).toContain('cx="360"');
});

test.each([
  [numbers.signed(0.004), '0.00'],
  [numbers.signed(-0.25), '−0.25'],
  [numbers.probability(0.0004), 'p < 0.001'],
  [numbers.probability(0.0312), 'p = 0.03'],
  [numbers.probability(0.0049), 'p = 0.005'],
  [numbers.dollars(0.00123), '$0.0012'],
  [numbers.dollars(12), '$12.00'],
  [numbers.dollars(undefined), 'cost unknown'],
  [numbers.duration(250), '250 ms'],
  [numbers.duration(59_800), '1 min 0 s'],
  [numbers.duration(7_260_000), '2 h 1 min'],
  [numbers.fileSize(98_362_432), '98 MB'],
  [numbers.counted(1, 'row'), '1 row'],
  [numbers.oneLine('a\n\u0007b  c', 10), 'a b c'],
  [numbers.oneLine('abcdef', 4), 'abc…'],
])('%s reads %s', (text, expected) => {
  expect(text).toBe(expected);
});

test('what a search asked itself and what failed is in the line of what was used', () => {
  const usage = { ...report.usage, reflectionCalls: 20, reflectionCostUsd: 0.3, failedCalls: 2 };
  expect(numbers.usageLine(usage)).toContain(
    '1,228 calls (437 from the cache), 20 reflections of $0.30, 2 failed, ',
  );
  const unknown = { ...usage, inputTokens: undefined, reflectionCalls: 0 };
  expect(numbers.usageLine(unknown)).toMatch(/tokens unknown/);
});
