import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkNode } from './doctor-checks.ts';
import { memoryIo } from './memory-io.ts';
import { packageVersion } from './package-version.ts';
import { runCommandLine } from './run-command-line.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hone-upkeep-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function hone(line: string, replies: readonly string[] = []) {
  const io = memoryIo({ cwd: folder, replies, variables: { HONE_MODEL_DIR: join(folder, 'models') } });
  const code = await runCommandLine(
    line.split(' ').filter((word) => word !== ''),
    io,
  );
  return { code, output: io.output(), errors: io.errors() };
}

describe('hone', () => {
  test.each(['', '--help', 'help'])('with "%s" shows the commands', async (line) => {
    const { code, output } = await hone(line);
    expect(code).toBe(0);
    for (const command of ['init', 'eval', 'optimize', 'report', 'resume', 'models', 'cache', 'doctor']) {
      expect(output).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
  });

  test('--version is that of the package', async () => {
    expect(await hone('--version')).toEqual({ code: 0, output: `${packageVersion()}\n`, errors: '' });
  });
});

describe('hone init', () => {
  test('writes a prompt with rows that can be planned at once', async () => {
    const { code, output } = await hone('init --yes');
    expect(code).toBe(0);
    expect(output).toContain('wrote   prompt.md');
    const plan = await hone(
      'optimize prompt.md --data rows.csv --expected topic --dry-run --base-url http://127.0.0.1:9/v1 --model x',
    );
    expect(plan.errors).toBe('');
    expect(plan.output).toMatch(/rows +12/);
  });

  test('never overwrites', async () => {
    writeFileSync(join(folder, 'prompt.md'), 'Mine.');
    const { output } = await hone('init --no-input');
    expect(output).toContain('kept    prompt.md');
    expect(readFileSync(join(folder, 'prompt.md'), 'utf8')).toBe('Mine.');
  });

  test.each([
    ['init --typescript', []],
    ['init', ['2']],
  ])('%s with the replies %o writes a config that loads', async (line, replies) => {
    await hone(line, replies);
    expect(existsSync(join(folder, 'prompt.md'))).toBe(false);
    const doctor = await hone('doctor');
    expect(doctor.output).toMatch(/ok {4}config +.*hone\.config\.ts, targets: message/);
  });
});

describe('hone doctor', () => {
  test('warns about the missing local model, with the fix, and is content otherwise', async () => {
    const { code, output } = await hone('doctor');
    expect(code).toBe(0);
    expect(output).toMatch(
      /warn {2}local model +local\/smollm2-135m-instruct is not here\n +fix: Run: hone models pull/,
    );
    expect(existsSync(join(folder, '.hone'))).toBe(false);
  });

  test('fails where nothing would work', async () => {
    mkdirSync(join(folder, '.hone'));
    writeFileSync(join(folder, '.hone/hone.db'), 'no database '.repeat(100));
    const { code, output } = await hone('doctor --json');
    expect(code).toBe(1);
    const { ok, checks } = JSON.parse(output);
    expect(ok).toBe(false);
    expect(checks.find(({ name }: { name: string }) => name === 'store')).toMatchObject({ status: 'fail' });
  });

  test.each([
    ['20.18.9', 'fail'],
    ['18.20.0', 'fail'],
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
  ])('Node %s: %s', (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });
});

describe('hone models', () => {
  test('list says what is missing and how to get it', async () => {
    expect((await hone('models')).output).toContain('not here (hone models pull, 98 MB)');
    expect(JSON.parse((await hone('models list --json')).output).models[0].file.status).toBe('missing');
  });

  test('path refuses to name a file that is not there', async () => {
    const { code, errors } = await hone('models path');
    expect(code).toBe(2);
    expect(errors).toMatch(/HONE_FILE_NOT_FOUND: [\s\S]*fix: Run: hone models pull/);
  });

  test('path names the file of a model of one’s own', async () => {
    writeFileSync(join(folder, 'own.gguf'), 'weights');
    expect((await hone(`models path ${join(folder, 'own.gguf')}`)).output).toBe(
      `${join(folder, 'own.gguf')}\n`,
    );
  });
});

test('the first use of the local model asks once, and a no is an answer', async () => {
  writeFileSync(join(folder, 'prompt.md'), 'Say what it is.\n');
  writeFileSync(join(folder, 'rows.csv'), 'text,kind\nan apple,fruit\na carrot,vegetable\n');
  const { code, errors } = await hone('eval prompt.md --data rows.csv --expected kind', ['n']);
  expect(errors).toMatch(/^The local model local\/smollm2-135m-instruct needs .*Fetch it now\? \[Y\/n\] /);
  expect(errors).toMatch(/error HONE_MODEL_FILE_INVALID: .*\nfix: Run: hone models pull/);
  expect(code).toBe(1);
});
