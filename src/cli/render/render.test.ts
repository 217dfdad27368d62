import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import type { OptimizationReport } from '../../optimizer/driver/report.ts';
import { sampleHash, sampleReport } from '../../testing/sample-report.ts';
import { renderError } from './error-block.ts';
import { isNews, renderEvent } from './event-line.ts';
import { renderProgressBlock, renderProgressLine } from './progress-block.ts';
import { renderReportForTerminal } from './report-terminal.ts';
import { shellCommand } from './shell-command.ts';
import { createStyle } from './style.ts';

const style = createStyle(false);
const { report } = sampleReport();

describe('a report on the terminal', () => {
  const text = renderReportForTerminal(report, {
    style,
    files: { best: 'winner.md', html: 'report.html', json: 'report.json' },
    next: [{ command: 'hone eval winner.md', purpose: 'the proof, row by row' }],
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
    expect(text).toContain('0.40 with the calibrated seed');
    expect(text).toContain('1 fixed, 0 broken');
    expect(text).toContain('60 rows that no search has seen; 2 lost to faults');
    expect(text).toContain(
      '1,228 calls (437 from the cache), 799,016 tokens, $0.20 spent of $0.50, 6 min 53 s, 1 retry',
    );
    expect(text).toContain('Read with care.');
    expect(text).toContain('2 rows were left out.');
    expect(text).toMatch(
      /winner +winner\.md\n.*report\.html\n.*report\.json\n\n +next +hone eval winner\.md\n +the proof, row by row$/,
    );
  });

  test('ranks finished candidates only, and no control character reaches the terminal', () => {
    expect(text).toMatch(/3 scored, 1 dropped early; ended because the optimizer was done\n +0\.87 on {2}60/);
    expect(text).not.toContain('\u001b');
  });

  test.each<[Partial<OptimizationReport>, RegExp]>([
    [{ verdict: 'no-reliable-improvement' }, /The seed stays\. The best candidate is a development estimate/],
    [{ verdict: 'incomplete' }, /Too many rows of the sealed test got no answer/],
    [{ verdict: 'incomplete', sealedTest: undefined }, /The budget did not hold the sealed test/],
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

test('a command is quoted for a shell where it has to be', () => {
  expect(shellCommand(['hone', 'eval', 'my prompt.md', "it's"])).toBe("hone eval 'my prompt.md' 'it'\\''s'");
});

test('events are told in one line each, details only when asked for', () => {
  const proposed = {
    type: 'candidate-proposed',
    candidate: sampleHash('abcdefgh12345678'),
    parents: [sampleHash('x')],
    origin: 'demo set 1',
  } as const;
  expect(renderEvent(proposed)).toBe('proposed abcdefgh: demo set 1');
  expect(isNews(proposed)).toBe(false);
  expect(renderEvent({ type: 'phase-started', phase: 'search', note: 'auto' })).toBe('search: auto');
  expect(isNews({ type: 'notice', message: 'x' })).toBe(true);
});
