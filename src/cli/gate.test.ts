import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject;
const knowing = 'Say what it is. An apple and an apple and a carrot.\n';
const unknowing = 'Say what it is.\n';

beforeEach(async () => {
  project = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
});
afterEach(() => project[Symbol.asyncDispose]());

const evaluate = async (prompt: string) => {
  project.write('prompt.md', prompt);
  const { code } = await project.hone(`eval ${project.task}`);
  expect(code).toBe(0);
};

const git = (...words: readonly string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main', ...words],
    { cwd: project.folder, encoding: 'utf8' },
  );

describe('hone gate', () => {
  test('fails a regression with 3, passes an improvement and calls it so', async () => {
    await evaluate(knowing);
    await evaluate(unknowing);
    const failed = await project.hone('gate --baseline latest~1 -o comment.md -o gate.json -o gate.xml');
    expect(failed.code).toBe(3);
    expect(failed.output()).toContain('Failed');
    expect(project.read('comment.md')).toMatch(/^<!-- hone:prompt -->\n\n> \[!CAUTION\]/);
    expect(project.read('gate.xml')).toContain('failures="50"');
    expect(JSON.parse(project.read('gate.json'))).toMatchObject({ result: 'fail', verdict: 'regressed' });
    await evaluate(knowing);
    const passed = await project.hone('gate --baseline latest~1 -o comment.md');
    expect(passed.code).toBe(0);
    expect(passed.output()).toContain('Passed: improved');
    expect(project.read('comment.md')).toContain('**Passed: improved**');
  });

  test('is inconclusive without a baseline: 0, or 5 where that was asked for', async () => {
    await evaluate(knowing);
    const ran = await project.hone('gate');
    expect(ran.code).toBe(0);
    expect(ran.output()).toContain('Inconclusive');
    expect(ran.output()).toContain('no hone/baselines/prompt.json');
    expect((await project.hone('gate --fail-on-inconclusive')).code).toBe(5);
  });

  test('compares with the committed baseline, which --baseline overrules', async () => {
    await evaluate(knowing);
    expect((await project.hone('baseline accept')).output()).toContain('wrote hone/baselines/prompt.json');
    // Nothing was evaluated since: equal to itself is no proof.
    expect((await project.hone('gate --fail-on-inconclusive')).code).toBe(5);
    await evaluate(unknowing);
    const ran = await project.hone('gate');
    expect(ran.code).toBe(3);
    expect(ran.output()).toContain('the committed hone/baselines/prompt.json');
    await evaluate(unknowing);
    expect((await project.hone('gate --baseline latest~1')).code).toBe(0);
    expect((await project.hone('gate --baseline latest')).errors()).toContain('its own baseline');
  });

  test('says when a baseline of fewer rows takes the place of a larger one', async () => {
    await evaluate(knowing);
    const whole = await project.hone('baseline accept');
    expect([whole.output(), whole.errors()]).toEqual([expect.stringContaining('with 100 rows'), '']);
    expect((await project.hone(`eval ${project.task} --first 3`)).code).toBe(0);
    const few = await project.hone('baseline accept');
    expect(few.output()).toContain('with 3 rows');
    expect(few.errors()).toContain('the one before had 100 rows');
  });

  test('finds the baseline through the whole history of the base branch, not on files that had changed', async () => {
    git('init', '-q');
    project.write('.gitignore', '.hone\n');
    project.write('prompt.md', knowing);
    git('add', '.');
    git('commit', '-qm', 'base');
    await evaluate(knowing);
    // On a changed file: of no commit.
    await evaluate(unknowing);
    git('checkout', '-q', '.');
    for (const name of ['one', 'two', 'three']) git('commit', '-q', '--allow-empty', '-m', name);
    git('checkout', '-qb', 'change');
    project.write('prompt.md', unknowing);
    git('commit', '-qam', 'change');
    await evaluate(unknowing);
    const ran = await project.hone('gate');
    expect(ran.output()).toContain('the history that this branch began from');
    expect(ran.code).toBe(3);
    // A base that git would read as a flag is no base, nor is a slip of the pen.
    for (const ref of ['--all', 'mian']) {
      const refused = await project.hone(`gate --base-ref=${ref}`);
      expect([refused.code, refused.errors()]).toEqual([
        2,
        expect.stringContaining(`HEAD and "${ref}" have no commit in common`),
      ]);
    }
  });

  test('holds rows, costs and time to their limits', async () => {
    await evaluate(knowing);
    await evaluate(unknowing);
    const listed = JSON.parse((await project.hone('compare latest~1 latest --json')).output()).comparisons[0]
      .rows;
    const broken = listed.find((row: { flip?: string }) => row.flip === 'broken').id;
    const right = listed.find((row: { change: string }) => row.change === 'unchanged').id;
    const gate = async (flags: string) => (await project.hone(`gate --rule none ${flags}`)).code;
    expect(await gate(`--must-pass ${right}`)).toBe(0);
    expect(await gate(`--must-pass ${right},${broken}`)).toBe(3);
    expect(await gate('--must-pass not-there')).toBe(3);
    expect(await gate('--max-broken 49 --baseline latest~1')).toBe(3);
    expect(await gate('--max-broken 50 --baseline latest~1')).toBe(0);
    expect(await gate('--threshold 0.9')).toBe(3);
    expect(await gate('--threshold 0.3')).toBe(0);
    expect(await gate('--threshold 0.5 --fail-on-inconclusive')).toBe(5);
    expect(await gate('--max-latency 600000')).toBe(0);
    expect(await gate('--max-latency 0.0001')).toBe(3);
  });

  test('says once more that nothing is judged where every check is switched off', async () => {
    await evaluate(knowing);
    const ran = await project.hone('gate --rule none');
    expect(ran.code).toBe(2);
    expect(ran.errors()).toContain('Nothing is left to judge');
  });
});
