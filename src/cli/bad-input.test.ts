import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LoopbackReply, openLoopbackServer } from '../testing/loopback-server.ts';
import { memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hone-bad-'));
  writeFileSync(join(folder, 'prompt.md'), 'Say what it is.\n');
  writeFileSync(join(folder, 'rows.csv'), 'text,kind\nan apple,fruit\na carrot,vegetable\n');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function hone(argv: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  // A model folder without models, so that nothing depends on this machine.
  const io = memoryIo({ cwd: folder, variables: { HONE_MODEL_DIR: join(folder, 'models'), ...variables } });
  const code = await runCommandLine(argv, io);
  return { code, output: io.output(), errors: io.errors() };
}

const rows = ['--data', 'rows.csv', '--expected', 'kind'];
/** Nothing listens here. */
const nowhere = ['--model', 'test', '--base-url', 'http://127.0.0.1:9/v1'];

describe('one clear message with the place and the fix', () => {
  test.each<[what: string, argv: readonly string[], code: number, message: RegExp, fix: RegExp]>([
    [
      'an unknown command',
      ['optimzie'],
      2,
      /HONE_OPTION_INVALID: Unknown command 'optimzie'/,
      /Did you mean optimize\?/,
    ],
    [
      'an unknown flag',
      ['eval', '--modle', 'x'],
      2,
      /HONE_OPTION_INVALID: Unknown option '--modle'/,
      /Did you mean --model\?/,
    ],
    [
      'a number that is none',
      ['eval', '--first', 'x'],
      2,
      /HONE_OPTION_INVALID: .*--first.*whole number/,
      /hone eval --help/,
    ],
    [
      'flags that contradict',
      ['eval', '--replay', '--no-cache'],
      2,
      /HONE_OPTION_INVALID: .*cannot be used with/,
      /hone eval --help/,
    ],
    ['nothing to run', ['eval'], 2, /HONE_OPTION_INVALID: There is nothing to run/, /hone init/],
    [
      'a missing prompt file',
      ['eval', 'promt.md', ...rows],
      2,
      /HONE_FILE_NOT_FOUND: The prompt file promt\.md does not exist/,
      /Check the path/,
    ],
    ['a folder as a prompt', ['eval', '.', ...rows], 2, /HONE_FILE_UNREADABLE: \. is a folder/, /text file/],
    ['no rows', ['eval', 'prompt.md'], 2, /HONE_OPTION_INVALID: There are no rows/, /--data/],
    [
      'a missing data file',
      ['eval', 'prompt.md', '--data', 'x.csv', '-e', 'kind'],
      2,
      /HONE_FILE_NOT_FOUND: .*x\.csv/,
      /./,
    ],
    [
      'a missing column',
      ['eval', 'prompt.md', '--data', 'rows.csv', '-e', 'knd'],
      2,
      /HONE_FIELD_MISSING: .*"knd"/,
      /kind/,
    ],
    [
      'no expected column',
      ['eval', 'prompt.md', '--data', 'rows.csv'],
      2,
      /HONE_OPTION_INVALID: No column is named/,
      /--expected with one of: text, kind/,
    ],
    [
      'an unknown scorer',
      ['eval', 'prompt.md', ...rows, '--scorer', 'exact-mach'],
      2,
      /HONE_OPTION_INVALID: There is no scorer "exact-mach"/,
      /Did you mean exact-match\?/,
    ],
    [
      'an unknown optimizer',
      ['optimize', 'prompt.md', ...rows, '--optimizer', 'calibrat'],
      2,
      /HONE_OPTION_INVALID: There is no optimizer "calibrat"/,
      /Did you mean calibrate\?/,
    ],
    [
      'an unknown model',
      ['eval', 'prompt.md', ...rows, '--model', 'opnai/gpt-5-mini'],
      2,
      /HONE_MODEL_UNKNOWN: /,
      /openai\/gpt-5-mini/,
    ],
    [
      'an output without a format',
      ['eval', 'prompt.md', ...rows, '-o', 'out.doc'],
      2,
      /HONE_OPTION_INVALID: .*out\.doc/,
      /\.json/,
    ],
    [
      'dollars without a price',
      ['eval', 'prompt.md', ...rows, ...nowhere, '--budget-usd', '1'],
      2,
      /HONE_PRICE_UNKNOWN: /,
      /--price-input and --price-output.*--budget-usd none/,
    ],
    [
      'a local model that is not here',
      ['eval', 'prompt.md', ...rows, '--no-input'],
      1,
      /HONE_MODEL_FILE_INVALID: /,
      /hone models pull/,
    ],
    ['a run that is not there', ['resume', 'opt-none'], 2, /HONE_RUN_NOT_FOUND: /, /Leave the id out/],
    [
      'a config that is not there',
      ['eval', 'x', '--config', 'hone.config.ts'],
      2,
      /HONE_FILE_NOT_FOUND: The config file/,
      /--config/,
    ],
  ])('%s', async (...[, argv, code, message, fix]) => {
    const ran = await hone(argv);
    const [error = '', hint = ''] = ran.errors.trim().split('\n');
    expect(error).toMatch(message);
    expect(error).toMatch(/^error HONE_/);
    expect(hint).toMatch(/^fix: /);
    expect(hint).toMatch(fix);
    expect(ran.errors).not.toMatch(/^ +at /m);
    expect(ran.output).toBe('');
    expect(ran.code).toBe(code);
  });

  test('an unknown slot is named with its place', async () => {
    writeFileSync(join(folder, 'prompt.md'), 'Say what it is.\n\nThe text: {{txt}}\n');
    const { code, errors } = await hone(['eval', 'prompt.md', ...rows]);
    expect(code).toBe(2);
    expect(errors).toMatch(/HONE_PROMPT_UNKNOWN_SLOT: .*prompt\.md.*3/);
    expect(errors).toMatch(/\{\{text\}\}/);
  });

  test('a broken line of the table is named with its number', async () => {
    writeFileSync(join(folder, 'rows.csv'), 'text,kind\nan apple,fruit\n"a carrot,vegetable\n');
    const { code, errors } = await hone(['eval', 'prompt.md', ...rows, ...nowhere]);
    expect(code).toBe(2);
    expect(errors).toMatch(/HONE_DATASET_INVALID: .*rows\.csv/);
  });

  test('a variable that cannot be used is named', async () => {
    const { code, errors } = await hone(['eval', 'prompt.md', ...rows], { HONE_SEED: 'one' });
    expect(code).toBe(2);
    expect(errors).toMatch(/HONE_OPTION_INVALID: The environment variable HONE_SEED is "one"/);
  });

  test('--verbose shows where it comes from', async () => {
    const { errors } = await hone(['eval', 'promt.md', ...rows, '--verbose']);
    expect(errors).toMatch(/^ +at /m);
  });

  test('a damaged database is neither used nor deleted', async () => {
    const { mkdirSync, readFileSync } = await import('node:fs');
    mkdirSync(join(folder, '.hone'));
    writeFileSync(join(folder, '.hone/hone.db'), 'not a database, but somebody’s text '.repeat(50));
    const { code, errors } = await hone(['eval', 'prompt.md', ...rows, ...nowhere]);
    expect(code).toBe(1);
    expect(errors).toMatch(/HONE_STORE_CORRUPTED: /);
    expect(readFileSync(join(folder, '.hone/hone.db'), 'utf8')).toContain('somebody’s text');
  });
});

describe('a server that does not play along', () => {
  test.each<[what: string, reply: LoopbackReply, message: RegExp]>([
    [
      'refuses the key',
      { status: 401, body: { error: { message: 'bad key' } } },
      /HONE_MODEL_AUTHENTICATION: /,
    ],
    [
      'answers with a page',
      { body: '<html>hello</html>', headers: { 'content-type': 'text/html' } },
      /HONE_MODEL_BAD_REPLY: /,
    ],
  ])('%s', async (...[, reply, message]) => {
    await using server = await openLoopbackServer(() => reply);
    const { code, errors } = await hone([
      'eval',
      'prompt.md',
      ...rows,
      '--model',
      'test',
      '--base-url',
      server.baseUrl,
    ]);
    expect(errors).toMatch(message);
    expect(errors).toMatch(/\nfix: /);
    expect(code).toBe(1);
  });
});
