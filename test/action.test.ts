import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly {
      readonly run?: string;
      readonly uses?: string;
      readonly env?: Readonly<Record<string, string>>;
    }[];
  };
}

const action = parse(readFileSync('action.yml', 'utf8')) as Action;
const script = action.runs.steps.find(({ run }) => run !== undefined)?.run ?? '';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hone-action-'));
  // In the place of npx: notes what Hone is called with.
  const npx = join(folder, 'npx');
  writeFileSync(
    npx,
    '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word" >> calls; done\necho -- >> calls\n',
  );
  chmodSync(npx, 0o755);
  writeFileSync(join(folder, 'prompt.md'), 'Say what it is.\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The command lines of Hone, as the script makes them. */
function callsOf(variables: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  const env = {
    ...Object.fromEntries(Object.keys(action.runs.steps[0]?.env ?? {}).map((name) => [name, ''])),
    PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
    HONE_INPUT_PROMPT: 'prompt.md',
    HONE_INPUT_REPLAY: 'auto',
    HONE_IS_FORK: 'false',
    HONE_INPUT_VERSION: '1.2.3',
    ...variables,
  };
  // As GitHub starts `shell: bash`.
  execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: folder, env });
  const calls = readFileSync(join(folder, 'calls'), 'utf8').split('--\n').slice(0, -1);
  return calls.map((call) => call.trimEnd().split('\n').slice(4));
}

test('the action evaluates with its inputs and judges on the prompt file', () => {
  const [evaluated, judged] = callsOf({
    HONE_INPUT_DATA: 'rows of today.csv',
    HONE_INPUT_EXPECTED: 'kind',
    HONE_INPUT_EVAL_FLAGS: '--model\nopenai/gpt-5-mini\n',
    HONE_INPUT_GATE_FLAGS: '--max-broken\n0\n',
  });
  const task = [
    'eval',
    'prompt.md',
    '--no-input',
    '--quiet',
    '--data',
    'rows of today.csv',
    '--expected',
    'kind',
  ];
  expect(evaluated).toEqual([...task, '--model', 'openai/gpt-5-mini']);
  expect(judged?.slice(0, 2)).toEqual(['gate', '--github']);
  expect(judged?.slice(-4)).toEqual(['--annotate', 'prompt.md', '--max-broken', '0']);
});

test('the action runs nothing that stands in an input', () => {
  callsOf({ HONE_INPUT_EXPECTED: '$(touch owned)`touch owned`"; touch owned; "' });
  expect(existsSync(join(folder, 'owned'))).toBe(false);
  // Nothing of an event or an input stands in the script itself.
  expect(script).not.toContain('${{');
});

test('the action asks no model for a fork, and says so', () => {
  const [evaluated, judged] = callsOf({ HONE_IS_FORK: 'true' });
  expect(evaluated).toContain('--replay');
  expect(judged?.join(' ')).toContain('no model was asked');
  rmSync(join(folder, 'calls'));
  expect(callsOf({ HONE_IS_FORK: 'true', HONE_INPUT_REPLAY: 'false' })[0]).not.toContain('--replay');
});

test('the action pins what it uses to a commit, and gives on every output of the gate', () => {
  const used = action.runs.steps.flatMap(({ uses }) => uses ?? []);
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((name) => !/@[0-9a-f]{40}$/.test(name))).toEqual([]);
  expect(Object.keys(action.outputs)).toEqual([
    'result',
    'verdict',
    'difference',
    'interval-low',
    'interval-high',
    'broken',
  ]);
});
