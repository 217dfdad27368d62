import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';
import { type AskedBody, rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

const openServer = (answer: (body: AskedBody, index: number) => string) =>
  openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) }));

let project: ScriptedProject<LoopbackServer>;
let beforeAnswer: (index: number) => void;

beforeEach(async () => {
  beforeAnswer = () => undefined;
  project = await scriptedProject(openServer, (index) => beforeAnswer(index));
});

afterEach(() => project[Symbol.asyncDispose]());

/** Runs a command and stops it at an answer. @returns the id of the run */
async function stopped(line: string, at: number): Promise<string> {
  const io = memoryIo({ cwd: project.folder });
  const from = project.server.count;
  beforeAnswer = (index) => {
    if (index === from + at) io.interrupt();
  };
  expect(await runCommandLine(line.split(' '), io)).toBe(130);
  beforeAnswer = () => undefined;
  return io.errors().match(/hone resume (\S+)/)?.[1] ?? '';
}

describe('hone resume without an id', () => {
  test('finds the unfinished run behind one that is finished', async () => {
    const id = await stopped(`optimize ${project.task} -j 2`, 40);
    await project.hone(`eval ${project.task} --first 5`);
    const { code, errors, output } = await project.hone('resume');
    expect(errors()).toContain(`resuming ${id}: hone optimize prompt.md`);
    expect(output()).toContain('Improved');
    expect(code).toBe(0);
    expect(JSON.parse(project.read('.hone/reports/latest.json')).runId).toBe(id);
  });

  test('leaves alone what has come to its end under another run since', async () => {
    await stopped(`eval ${project.task} -j 2`, 10);
    await project.hone(`eval ${project.task} -j 2`);
    const { output } = await project.hone('resume');
    expect(output()).toMatch(/The evaluation eval-\w+ is finished; nothing is left to do\./);
  });

  test('makes no database where there is nothing', async () => {
    for (const line of ['resume', 'report', 'resume opt-1', 'report opt-1']) {
      expect((await project.hone(line)).errors()).toMatch(/HONE_RUN_NOT_FOUND/);
    }
    expect(existsSync(join(project.folder, '.hone'))).toBe(false);
  });

  test('looks where .env says', async () => {
    project.write('.env', 'HONE_DIR=elsewhere\n');
    await stopped(`optimize ${project.task} -j 2`, 40);
    expect((await project.hone('resume')).output()).toContain('Improved');
    expect((await project.hone('report')).output()).toContain('Improved');
    expect((await project.hone('cache')).output()).toContain('elsewhere/hone.db');
    expect((await project.hone('doctor')).output()).toContain('elsewhere');
    expect(existsSync(join(project.folder, '.hone'))).toBe(false);
  });
});

describe('hone resume of a run whose rows have changed', () => {
  const change = () => project.write('rows.csv', rowsText(99));

  test('refuses where nobody can be asked, and names the file and the command', async () => {
    const id = await stopped(`optimize ${project.task} -j 2`, 40);
    change();
    const asked = project.server.count;
    const { code, errors } = await project.hone(`resume ${id}`);
    expect(errors()).toMatch(
      new RegExp(`^error HONE_RUN_CHANGED: rows\\.csv has changed since ${id} was started`),
    );
    expect(errors()).toContain('hone optimize prompt.md --data rows.csv --expected kind');
    expect(code).toBe(2);
    expect(project.server.count).toBe(asked);
  });

  test('asks on a terminal: a no runs nothing, a yes is a run by another name', async () => {
    const id = await stopped(`optimize ${project.task} -j 2`, 40);
    change();
    const asked = project.server.count;
    const no = await project.hone('resume', { replies: [''] });
    expect(no.errors()).toMatch(/rows\.csv has changed since .*\[y\/N\] Nothing was run\.\n$/);
    expect(project.server.count).toBe(asked);
    const yes = await project.hone('resume', { replies: ['y'] });
    expect(yes.errors()).not.toContain(`resuming ${id}`);
    expect(yes.output()).toContain('Improved');
    expect(JSON.parse(project.read('.hone/reports/latest.json')).runId).not.toBe(id);
  });

  test.each([
    ['the prompt', 'prompt.md', 'Say something else.\n'],
    ['rows that are gone', 'rows.csv', undefined],
  ])('holds for %s as well', async (_, file, text) => {
    const id = await stopped(`eval ${project.task} -j 2`, 10);
    project.write(file, text ?? '');
    expect((await project.hone(`resume ${id}`)).errors()).toContain(`${file} has changed since ${id}`);
  });

  test('says it where only a setting is another one', async () => {
    const id = await stopped(`optimize ${project.task} -j 2`, 40);
    const { code, errors } = await project.hone(`resume ${id}`, { variables: { HONE_SEED: '7' } });
    expect(errors()).toMatch(new RegExp(`note: this is opt-\\w+, a new run: .* as it was for ${id}`));
    expect(code).toBe(0);
  });
});
