import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectOneMessage, type Files, hone, project, rows, storedAnswers, table } from './project.ts';

/** Nobody may be asked in these cases, so nothing listens there. */
const nobody = ['--model', 'openai-compatible:http://127.0.0.1:1/v1#test-model'];
const optimize = ['optimize', 'prompt.md', ...rows, ...nobody];

interface Case {
  readonly files?: Files;
  readonly argv?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly message: RegExp;
  readonly fix: RegExp;
}

describe('what cannot work is said before anybody is asked', () => {
  test.concurrent.each<[name: string, each: Case]>([
    [
      'a missing file',
      {
        argv: ['optimize', 'prompt.md', '--data', 'row.csv', '--expected', 'kind', ...nobody],
        code: 2,
        message: /HONE_FILE_NOT_FOUND: There is no file .*row\.csv/,
        fix: /Check the path/,
      },
    ],
    [
      'a missing column',
      {
        argv: ['optimize', 'prompt.md', '--data', 'rows.csv', '--expected', 'knd', ...nobody],
        code: 2,
        message: /HONE_FIELD_MISSING: rows\.csv has no column "knd"\. Its columns: text, kind\./,
        fix: /Did you mean "kind"\?/,
      },
    ],
    [
      'a line with too many fields',
      {
        files: { 'rows.csv': 'text,kind\nan apple,fruit\na carrot,vegetable,orange\n' },
        code: 2,
        message: /HONE_DATASET_INVALID: .*rows\.csv:3:3: this row has 3 values, the first line has 2\./,
        fix: /double quotes/,
      },
    ],
    [
      'a quote that is never closed',
      {
        files: { 'rows.csv': `${table(50)}a carrot,"vegetable\nx,fruit\n` },
        code: 2,
        message: /HONE_DATASET_INVALID: .*rows\.csv:52:10: the quote that opens here is never closed/,
        fix: /Close it/,
      },
    ],
    [
      'a broken line of JSON',
      {
        files: { 'rows.jsonl': '{"text":"a","kind":"b"}\n{"text": }\n' },
        argv: ['optimize', 'prompt.md', '--data', 'rows.jsonl', '--expected', 'kind', ...nobody],
        code: 2,
        message: /HONE_DATASET_INVALID: .*rows\.jsonl:2:10: /,
        fix: /one JSON object on each line/,
      },
    ],
    [
      'an empty file',
      {
        files: { 'rows.csv': '' },
        code: 2,
        message: /HONE_DATASET_EMPTY: rows\.csv has no rows/,
        fix: /Add rows/,
      },
    ],
    [
      'a header without rows',
      {
        files: { 'rows.csv': 'text,kind\n' },
        code: 2,
        message: /HONE_DATASET_EMPTY: rows\.csv has no rows/,
        fix: /Add rows/,
      },
    ],
    [
      'rows without answers',
      {
        files: { 'rows.csv': 'text,kind\na,\nb,\n' },
        code: 2,
        message: /HONE_DATASET_EMPTY: No row has an expected value/,
        fix: /--expected/,
      },
    ],
    [
      'one class alone',
      {
        files: { 'rows.csv': table(100, ['fruit']) },
        code: 2,
        message: /HONE_DATASET_ONE_CLASS: All 100 rows expect the same answer, \{"kind":"fruit"\}/,
        fix: /Add rows/,
      },
    ],
    [
      'an unknown provider',
      {
        argv: ['optimize', 'prompt.md', ...rows, '--model', 'opnai/gpt-5-mini'],
        code: 2,
        message: /HONE_MODEL_UNKNOWN: "opnai\/gpt-5-mini"/,
        fix: /Did you mean openai\/gpt-5-mini\?/,
      },
    ],
    [
      'an unknown slot',
      {
        files: { 'prompt.md': 'Say what it is.\n\nThe text: {{txt}}\n' },
        code: 2,
        message: /HONE_PROMPT_UNKNOWN_SLOT: prompt\.md, line 3, column 11: .*\{\{txt\}\}/,
        fix: /Write \{\{text\}\}/,
      },
    ],
    [
      'front matter that is no YAML',
      {
        files: { 'prompt.md': '---\nmodel: [a\n---\nSay what it is.\n' },
        code: 2,
        message: /HONE_PROMPT_INVALID: prompt\.md, line \d, column 1: /,
        fix: /Correct the YAML/,
      },
    ],
    [
      'front matter without an end',
      {
        files: { 'prompt.md': '---\nscorer: numeric\nSay what it is.\n' },
        code: 2,
        message: /HONE_PROMPT_INVALID: prompt\.md, line 1: the front matter has no end/,
        fix: /three dashes/,
      },
    ],
    [
      'a setting that front matter does not have',
      {
        files: { 'prompt.md': '---\nmodl: a\n---\nSay what it is.\n' },
        code: 2,
        message: /HONE_PROMPT_INVALID: prompt\.md, line 2, column 1: .*modl/,
        fix: /Did you mean model\?/,
      },
    ],
    [
      'an unknown scorer in front matter',
      {
        files: { 'prompt.md': '---\nscorer: exact-mach\n---\nSay what it is.\n' },
        code: 2,
        message: /HONE_OPTION_INVALID: prompt\.md, front matter: There is no scorer "exact-mach"/,
        fix: /Did you mean exact-match\?/,
      },
    ],
    [
      'an unknown scorer',
      {
        argv: [...optimize, '--scorer', 'exact-mach'],
        code: 2,
        message: /HONE_OPTION_INVALID: There is no scorer "exact-mach"/,
        fix: /Did you mean exact-match\?/,
      },
    ],
    [
      'an unknown optimizer',
      {
        argv: [...optimize, '--optimizer', 'calibrat'],
        code: 2,
        message: /HONE_OPTION_INVALID: There is no optimizer "calibrat"/,
        fix: /Did you mean calibrate\?/,
      },
    ],
    [
      'a wrong flag',
      {
        argv: [...optimize, '--max-cals', '3'],
        code: 2,
        message: /HONE_OPTION_INVALID: Unknown option '--max-cals'/,
        fix: /Did you mean --max-calls\?/,
      },
    ],
    [
      'dollars without a price',
      {
        argv: [...optimize, '--budget-usd', '1'],
        code: 2,
        message: /HONE_PRICE_UNKNOWN: The price of openai-compatible\/test-model is unknown/,
        fix: /--price-input and --price-output.*--budget-usd none/,
      },
    ],
    [
      'a budget too small for a search',
      {
        argv: [...optimize, '--max-calls', '7'],
        code: 4,
        message: /HONE_BUDGET_EXHAUSTED: The budget cannot hold the seed and one candidate/,
        fix: /--max-calls 8/,
      },
    ],
    [
      'a config with a mistake in its syntax',
      {
        files: { 'hone.config.ts': 'export default {\n  targets: {{\n};\n' },
        argv: ['optimize', 'kinds'],
        code: 2,
        message: /HONE_CONFIG_INVALID: The config file .*hone\.config\.ts cannot be loaded: .*:2:12\./,
        fix: /--verbose/,
      },
    ],
    [
      'a config that throws',
      {
        files: { 'hone.config.ts': "throw new Error('no secrets here');\n" },
        argv: ['optimize', 'kinds'],
        code: 2,
        message: /HONE_CONFIG_INVALID: .*hone\.config\.ts cannot be loaded: no secrets here\./,
        fix: /--verbose/,
      },
    ],
    [
      'a config that needs what is not installed',
      {
        files: {
          'hone.config.ts': "import rows from 'no-such-package';\nexport default { targets: rows };\n",
        },
        argv: ['optimize', 'kinds'],
        code: 2,
        message:
          /HONE_CONFIG_INVALID: .*hone\.config\.ts cannot be loaded: Cannot find module 'no-such-package'/,
        fix: /--verbose/,
      },
    ],
    [
      'a config with a wrong field',
      {
        files: { 'hone.config.ts': 'export default { seeed: 1 };\n' },
        argv: ['optimize', 'kinds'],
        code: 2,
        message: /HONE_OPTION_INVALID: hone\.config\.ts has no option "seeed"/,
        fix: /Did you mean seed\?/,
      },
    ],
    [
      'a file where the folder should be',
      {
        files: { '.hone': 'mine\n' },
        code: 2,
        message: /HONE_FILE_UNREADABLE: The folder .*\.hone cannot be made: .*\.hone is a file/,
        fix: /HONE_DIR/,
      },
    ],
    [
      'a database that is something else',
      {
        files: { '.hone/hone.db': 'somebody’s text '.repeat(500) },
        code: 1,
        message: /HONE_STORE_CORRUPTED: .*hone\.db is damaged or no database of Hone/,
        fix: /mv ".*hone\.db" ".*hone\.db\.damaged"/,
      },
    ],
  ])('%s', async (_, { files, argv = optimize, variables, code, message, fix }) => {
    const folder = project(files);
    const ran = await hone(folder, argv, variables);
    expectOneMessage(ran.errors, message, fix);
    expect(ran.code).toBe(code);
    expect(ran.output).toBe('');
    for (const [name, text] of Object.entries(files ?? {})) {
      expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
    }
    if (files?.['.hone'] === undefined && files?.['.hone/hone.db'] === undefined) {
      expect(await storedAnswers(folder)).toBe(0);
    }
  });

  // Root may write everywhere, except where the system itself takes no files.
  test.runIf(existsSync('/proc/self')).concurrent.each<[string, readonly string[]]>([
    ['optimize', optimize],
    ['eval', ['eval', 'prompt.md', ...rows, ...nobody]],
  ])('a folder that takes no files, in %s', async (_, argv) => {
    const { code, errors } = await hone(project(), argv, { HONE_DIR: '/proc/hone' });
    expectOneMessage(errors, /HONE_FOLDER_READ_ONLY: \/proc\/hone cannot be written/, /HONE_DIR/);
    expect(code).toBe(1);
  });

  test.concurrent('--verbose shows where an error comes from, with the user’s own file', async () => {
    const folder = project({ 'hone.config.ts': "throw new Error('no secrets here');\n" });
    const { code, errors } = await hone(folder, ['optimize', 'kinds', '--verbose']);
    expect(errors).toMatch(/^ +at .*loadConfig/m);
    expect(errors).toMatch(/caused by Error: no secrets here\n +at .*hone\.config\.ts:1/);
    expect(code).toBe(2);
  });
});
