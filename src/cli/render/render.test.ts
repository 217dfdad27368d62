import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import type { OptimizationReport } from '../../optimizer/driver/report.ts';
import type { CandidateHash } from '../../prompt/candidate.ts';
import { renderCurve, renderInterval } from './curve-svg.ts';
import { renderError } from './error-block.ts';
import { isNews, renderEvent } from './event-line.ts';
import * as numbers from './numbers.ts';
import { renderProgressBlock, renderProgressLine } from './progress-block.ts';
import { renderReportAsHtml } from './report-html.ts';
import { renderReportAsMarkdown } from './report-markdown.ts';
import { renderReportForTerminal } from './report-terminal.ts';
import { shellCommand } from './shell-command.ts';
import { createStyle } from './style.ts';

const style = createStyle(false);
const hash = (text: string) => text as CandidateHash;
const seed = { 'prompt.instructions': { kind: 'text', text: 'Classify.' } } as const;
const nasty = '<img src=x onerror=alert(1)> | `code` **bold** \u001b[31mred';

const report: OptimizationReport = {
  schemaVersion: 1,
  runId: 'opt-1234567890',
  name: `triage ${nasty}`,
  optimizer: { name: 'auto', version: 1, options: {} },
  model: 'local/smollm2-135m-instruct',
  randomSeed: 1,
  rows: { train: 120, validation: 60, test: 60 },
  sealedTest: {
    seed: 0.28,
    winner: 0.9,
    calibratedSeed: 0.4,
    difference: 0.62,
    interval: [0.46, 0.73],
    pValue: 1e-10,
    test: 'mcnemar-exact',
    rows: 60,
    lost: 2,
    verdict: 'improved',
    method: 'held-out',
    note: 'Read with care.',
  },
  verdict: 'improved',
  validation: { seed: 0.27, winner: 0.87, rows: 60 },
  seed: { hash: hash('seedseedseed0000'), candidate: seed },
  candidate: { hash: hash('bestbestbest0000'), candidate: seed },
  best: { hash: hash('bestbestbest0000'), candidate: seed },
  stopReason: 'done',
  candidates: [
    { hash: hash('dropdropdrop0000'), origin: nasty, mean: 0.95, rows: 8, eliminated: true },
    { hash: hash('bestbestbest0000'), origin: 'demo set 2', mean: 0.87, rows: 60, eliminated: false },
    { hash: hash('seedseedseed0000'), origin: 'seed', mean: 0.27, rows: 60, eliminated: false },
  ],
  curve: [
    { rows: 60, mean: 0.27, best: 0.27 },
    { rows: 120, mean: 0.87, best: 0.87 },
  ],
  fixed: [
    {
      exampleId: 'row-1',
      inputs: { ticket: nasty },
      expected: { category: 'billing' },
      seed: { outputs: { category: 'refunds' }, value: 0, feedback: 'Expected "billing".' },
      winner: { outputs: { category: 'billing' }, value: 1 },
    },
  ],
  broken: [],
  notices: ['2 rows were left out.'],
  usage: {
    calls: 1228,
    cachedCalls: 437,
    inputTokens: 799_016,
    outputTokens: 0,
    costUsd: 0.5,
    spentUsd: 0.2,
    latencyP50Ms: 400,
    latencyP95Ms: 3000,
    retries: 1,
    wallMs: 413_000,
  },
};
const view = { report, bestText: `Classify. ${nasty}\n\`\`\`demos\n\`\`\`\n`, seedText: 'Classify.\n' };

describe('a report on the terminal', () => {
  const text = renderReportForTerminal(report, {
    style,
    files: { best: 'winner.md', html: 'report.html', json: 'report.json' },
    next: 'hone eval winner.md',
  });

  test('leads with the verdict, then the proof', () => {
    const [first, meaning, , proof] = text.split('\n');
    expect(first).toMatch(/^✓ Improved/);
    expect(meaning).toContain('rows that the search never saw');
    expect(proof).toBe(
      '  sealed test          0.28 → 0.90  +0.62  95 % interval +0.46 to +0.73  p < 0.001 (exact McNemar)',
    );
  });

  test('shows the calibrated seed, changed rows, spending, notes and where files lie', () => {
    expect(text).toContain('0.40 with the seed prompt, calibrated');
    expect(text).toContain('1 fixed, 0 broken');
    expect(text).toContain('60 rows that no search has seen; 2 lost to faults');
    expect(text).toContain(
      '1,228 calls (437 from the cache), 799,016 tokens, $0.20 spent of $0.50, 6 min 53 s, 1 retry',
    );
    expect(text).toContain('Read with care.');
    expect(text).toContain('2 rows were left out.');
    expect(text).toMatch(
      /winner +winner\.md\n.*report\.html\n.*report\.json\n\n +next +hone eval winner\.md$/,
    );
  });

  test('ranks finished candidates only, and no control character reaches the terminal', () => {
    expect(text).toMatch(/3 scored, 1 dropped early; ended because the optimizer was done\n +0\.87 on {2}60/);
    expect(text).not.toContain('\u001b');
  });

  test.each<[Partial<OptimizationReport>, RegExp]>([
    [{ verdict: 'no-reliable-improvement' }, /The seed stays\. The best candidate is a development estimate/],
    [{ verdict: 'incomplete' }, /Too many rows of the sealed test got no answer/],
    [{ verdict: 'too-few-rows', rowsNeeded: 80, sealedTest: undefined }, /about 80 rows would do/],
  ])('%o is named as what it is', (change, words) => {
    const other = renderReportForTerminal(
      { ...report, ...change },
      { style, files: { best: 'x.md', html: 'h', json: 'j' } },
    );
    expect(other).toMatch(words);
    expect(other).toMatch(/development estimate +x\.md/);
    expect(other).not.toMatch(/✓|winner +x\.md/);
  });
});

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
    expect(markdown).toContain('| Seed, calibrated | 0.40 |');
  });
});

test('the curve is a dot for each candidate and one line, the interval a bar beside zero', () => {
  expect(renderCurve(report.curve).match(/<circle/g)).toHaveLength(2);
  expect(renderCurve([])).toBe('');
  expect(renderInterval(0, [-0.1, 0.1])).toContain('cx="360"');
});

describe('an error', () => {
  const error = new HoneError('rows.csv, line 3: broken.', {
    code: 'HONE_DATASET_INVALID',
    hint: 'Close the quote.',
    cause: new Error('inner'),
  });

  test('is what and where, then the fix', () => {
    expect(renderError(error, { style, verbose: false })).toBe(
      'error HONE_DATASET_INVALID: rows.csv, line 3: broken.\nfix: Close the quote.',
    );
  });

  test('shows its causes when asked', () => {
    expect(renderError(error, { style, verbose: true })).toMatch(/ {4}at [\s\S]*caused by Error: inner/);
  });

  test('never steers the terminal', () => {
    const rude = new HoneError('The server said \u001b[2J\nand more.', { code: 'HONE_MODEL_BAD_REPLY' });
    expect(renderError(rude, { style, verbose: false })).toBe(
      'error HONE_MODEL_BAD_REPLY: The server said  [2J\nand more.',
    );
  });

  test('that nobody expected says how to see more', () => {
    expect(renderError(new TypeError('x is undefined'), { style, verbose: false })).toBe(
      'error HONE_INTERNAL: x is undefined\nfix: Run the same command with --verbose to see where it comes from.',
    );
  });
});

describe('progress', () => {
  const progress = {
    phase: 'demo sets',
    done: 30,
    total: 120,
    calls: 40,
    cachedCalls: 10,
    spentUsd: 0.25,
    elapsedMs: 10_000,
  };

  test('is one line with rate, spending, cache and what is left', () => {
    expect(renderProgressLine({ progress, limitUsd: 1 })).toBe(
      'demo sets: 30/120 rows · 3.0 rows/s · $0.25 of $1.00 · 25 % from the cache · about 30 s left',
    );
  });

  test('is a block with a bar on a terminal, and tells a stop', () => {
    const block = renderProgressBlock({ progress, isStopping: true }, style).split('\n');
    expect(block[0]).toBe('demo sets  ██████░░░░░░░░░░░░░░░░░░ 30/120 rows');
    expect(block[2]).toContain('stopping');
  });

  test('promises nothing before anything is known', () => {
    const start = { phase: 'baseline', done: 0, calls: 0, cachedCalls: 0, elapsedMs: 0 };
    expect(renderProgressLine({ progress: start })).toBe('baseline: 0 rows');
  });
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
  [shellCommand(['hone', 'eval', 'my prompt.md', "it's"]), "hone eval 'my prompt.md' 'it'\\''s'"],
])('%s reads %s', (text, expected) => {
  expect(text).toBe(expected);
});

test('events are told in one line each, details only when asked for', () => {
  const proposed = {
    type: 'candidate-proposed',
    candidate: hash('abcdefgh12345678'),
    parent: hash('x'),
    origin: 'demo set 1',
  } as const;
  expect(renderEvent(proposed)).toBe('proposed abcdefgh: demo set 1');
  expect(isNews(proposed)).toBe(false);
  expect(renderEvent({ type: 'phase-started', phase: 'search', note: 'auto' })).toBe('search: auto');
  expect(isNews({ type: 'notice', message: 'x' })).toBe(true);
});
