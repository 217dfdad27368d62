import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';
import { type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject;
const suite = (name: string, instructions: string, scorers = "[exactMatch('kind')]") => `
  evalSuite('${name}', {
    data: [
      { inputs: { text: 'an apple' }, expected: { kind: 'fruit' } },
      { inputs: { text: 'a carrot' }, expected: { kind: 'vegetable' } },
    ],
    program: predict(signature("text -> kind: 'fruit' | 'vegetable'", { instructions: '${instructions}' })),
    scorers: ${scorers},
  })`;
const file = (...suites: readonly string[]) => `
import { evalSuite, predict, signature } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';
${suites.map((text, index) => `export const suite${index} = ${text};`).join('\n')}
`;

beforeAll(async () => {
  project = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
  project.write('evals/one.eval.ts', file(suite('first', 'Say what it is.'), suite('second', 'Name it.')));
  project.write(
    'evals/two.eval.mjs',
    file(suite('third', 'Sort it.', '[({ outputs, expected }) => outputs.kind === expected.kind]')),
  );
  project.write('node_modules/other/skipped.eval.ts', 'throw new Error("never run");');
});
afterAll(() => project[Symbol.asyncDispose]());

describe('hone eval with *.eval files', () => {
  test('runs every suite that it finds, and its experiments have the names of the suites', async () => {
    const ran = await project.hone(`eval ${project.remote}`);
    expect(ran.code, ran.errors()).toBe(0);
    expect(ran.output()).toContain('hone optimize first --config evals/one.eval.ts --model test');
    for (const name of ['first', 'second', 'third'])
      expect(ran.output()).toMatch(new RegExp(`^${name} `, 'm'));
    const listed = JSON.parse((await project.hone('experiments --json')).output());
    expect(JSON.stringify(listed)).toContain('third');
  });

  test('runs one file, or one suite by its name', async () => {
    const one = await project.hone(`eval evals/one.eval.ts ${project.remote}`);
    expect(one.output()).toMatch(/^first [\s\S]*^second /m);
    expect(one.output()).not.toContain('third');
    const named = await project.hone(`eval second ${project.remote}`);
    expect(named.output()).toMatch(/^second /m);
    expect(named.output()).not.toContain('first');
  });

  test('writes one JSON document for all, and one file for one alone', async () => {
    const { suites } = JSON.parse((await project.hone(`eval --json ${project.remote}`)).output());
    expect(suites.map(({ name }: { name: string }) => name)).toEqual(['first', 'second', 'third']);
    expect(suites[0]).toMatchObject({ kind: 'evaluation', summaries: [{ mean: 0.5, rows: 2 }] });
    const refused = await project.hone(`eval -o all.json ${project.remote}`);
    expect([refused.code, refused.errors()]).toEqual([2, expect.stringContaining('There are 3 suites')]);
  });

  test('a suite that breaks does not keep the others from running', async () => {
    project.write('broken/a.eval.ts', file(suite('throws', 'Say.', "[() => 'no score'] as never")));
    project.write('broken/b.eval.ts', file(suite('works', 'Say what it is.')));
    const io = memoryIo({ cwd: `${project.folder}/broken` });
    const code = await runCommandLine(['eval', ...project.remote.split(' ')], io);
    expect(code).toBe(1);
    expect(io.output()).toMatch(/^works /m);
    expect(io.errors()).toMatch(/^throws broke, and the other suites go on: .*no score/m);
  });

  test('each fault is told with its reason, and two files with a suite of one name cannot both run', async () => {
    project.write('same/a.eval.ts', file(suite('one', 'Say.')));
    project.write('same/b.eval.ts', file(suite('one', 'Name it.')));
    project.write('same/c.eval.ts', 'throw new Error("boom");');
    const io = memoryIo({ cwd: `${project.folder}/same` });
    const code = await runCommandLine(['eval', ...project.remote.split(' ')], io);
    expect(code).toBe(2);
    expect(io.output().match(/^one /gm)).toHaveLength(1);
    expect(io.errors()).toContain('a.eval.ts and b.eval.ts both have a suite called "one".');
    expect(io.errors()).toMatch(/c\.eval\.ts broke, .*boom/);
  });

  test('a file without a suite, or with two of one name, is refused by name', async () => {
    project.write('odd/none.eval.ts', 'export const nothing = 1;');
    const none = await project.hone(`eval odd/none.eval.ts ${project.remote}`);
    expect([none.code, none.errors()]).toEqual([2, expect.stringContaining('none.eval.ts exports no suite')]);
    project.write('odd/none.eval.ts', file(suite('same', 'A.'), suite('same', 'B.')));
    const twice = await project.hone(`eval odd/none.eval.ts ${project.remote}`);
    expect(twice.errors()).toContain('two suites called "same"');
    project.write('odd/none.eval.ts', 'export const x = ;');
    expect((await project.hone(`eval odd/none.eval.ts ${project.remote}`)).errors()).toContain(
      'cannot be run',
    );
  });

  test('a suite can be optimized like a target', async () => {
    const ran = await project.hone(`optimize first --config evals/one.eval.ts --dry-run ${project.remote}`);
    expect(ran.errors()).not.toContain('neither a file nor a target');
  });
});

describe('hone eval --failing', () => {
  test('runs the rows alone that were not right, and says when there are none', async () => {
    const { task, hone } = project;
    expect((await hone(`eval ${task}`)).code).toBe(0);
    const again = JSON.parse((await hone(`eval ${task} --failing latest --json`)).output());
    expect(again.summaries[0]).toMatchObject({ rows: 50, mean: 0 });
    const fewer = JSON.parse((await hone(`eval ${task} --failing latest --first 3 --json`)).output());
    expect(fewer.summaries[0]).toMatchObject({ rows: 3, mean: 0 });
    const unknown = await hone(`eval ${task} --failing nobody`);
    expect(unknown.errors()).toContain('There is no experiment nobody');
    const other = await hone(`eval second --failing latest ${project.remote}`);
    expect(other.errors()).toContain('is among the rows of second');
    const shown = JSON.parse((await hone('experiments --json')).output()).experiments as {
      readonly id: string;
      readonly name: string;
    }[];
    const whole = shown.filter(({ name }) => name === 'prompt').at(-1)?.id;
    const table = project.read('rows.csv').split('\n');
    project.write('rows.csv', table.slice(0, 21).join('\n'));
    const part = JSON.parse((await hone(`eval ${task} --failing ${whole} --json`)).output());
    project.write('rows.csv', table.join('\n'));
    expect(part.notes).toContainEqual(expect.stringMatching(/^40 of the 50 rows that were not right/));
  });
});

describe('hone eval --watch', () => {
  test('runs again what changed, leaves alone what did not, survives a broken file, and ends with Ctrl-C', async () => {
    project.write('live/a.eval.ts', file(suite('left', 'Say what it is.'), suite('right', 'Name it.')));
    const io = memoryIo({ cwd: `${project.folder}/live` });
    const ended = runCommandLine(['eval', '--watch', ...project.remote.split(' ')], io);
    const until = async (said: () => boolean) => {
      for (let turn = 0; !said() && turn < 600; turn += 1)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(said(), `${io.output()}\n${io.errors()}`).toBe(true);
    };
    const waits = () => io.errors().split('Waiting for changes').length - 1;
    const runs = (name: string) => io.output().match(new RegExp(`^${name} `, 'gm'))?.length ?? 0;
    await until(() => waits() === 1);
    expect([runs('left'), runs('right')]).toEqual([1, 1]);
    project.write('live/a.eval.ts', file(suite('left', 'Say what it is.'), suite('right', 'Name it well.')));
    await until(() => runs('right') === 2 && waits() >= 2);
    expect(runs('left')).toBe(1);
    project.write('live/a.eval.ts', 'export const broken = ;');
    await until(() => io.errors().includes('cannot be run'));
    project.write(
      'live/a.eval.ts',
      file(suite('left', 'Say what it is, now.'), suite('right', 'Name it well.')),
    );
    await until(() => runs('left') === 2);
    expect(runs('right')).toBe(2);
    // A broken file keeps the suites of the others from nothing.
    project.write('live/0.eval.ts', 'export const broken = ;');
    await until(() => io.errors().includes('0.eval.ts cannot be run'));
    const told = () => io.errors().split('0.eval.ts cannot be run').length - 1;
    const left = suite('left', 'Say what it is, now.');
    project.write('live/a.eval.ts', file(left, suite('right', 'Name it best.')));
    await until(() => runs('right') === 3 && told() === 2);
    // What changes nothing is said once, so that a file which this output goes to does not change for ever.
    project.write('live/notes.txt', 'one');
    await new Promise((resolve) => setTimeout(resolve, 500));
    project.write('live/a.eval.ts', file(left, suite('right', 'Name it again.')));
    await until(() => runs('right') === 4 && told() >= 3);
    expect(told()).toBe(3);
    io.interrupt();
    expect(await ended).toBe(130);
  }, 60_000);
});
