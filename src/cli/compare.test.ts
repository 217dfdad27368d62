import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject;
/** Names enough examples that the model knows all answers; without, it gets every second row right. */
const knowing = 'Say what it is. An apple and an apple and a carrot.\n';

const open = () =>
  scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );

beforeAll(async () => {
  project = await open();
  project.write('better.md', knowing);
  const { task, remote, hone } = project;
  expect((await hone(`eval ${task} --first 80`)).code).toBe(0);
  expect((await hone(`eval ${task}`)).code).toBe(0);
  expect((await hone(`eval better.md --data rows.csv --expected kind ${remote}`)).code).toBe(0);
});
afterAll(() => project[Symbol.asyncDispose]());

describe('hone compare', () => {
  test('shows the prompts, the verdict and the rows, and writes every format', async () => {
    const ran = await project.hone(
      'compare latest~1 latest -o c.md -o c.html -o c.json -o c.csv -o c.xml --by kind --limit 3',
    );
    expect(ran.code).toBe(0);
    const text = ran.output();
    expect(text).toContain('Better: +0.50');
    expect(text).toContain('+ Say what it is. An apple and an apple and a carrot.');
    expect(text).toMatch(/rows\s+50 improved, 0 regressed, 50 unchanged/);
    expect(text).toMatch(/vegetable\s+\+1\.00/);
    expect(project.read('c.md')).toContain('**+0.50**');
    expect(project.read('c.html')).toContain('<h1 class="good">');
    expect(project.read('c.csv').trim().split('\n')).toHaveLength(101);
    expect(project.read('c.xml')).toContain('tests="100" failures="0" errors="0" skipped="0"');
    const { comparisons } = JSON.parse(project.read('c.json'));
    expect(comparisons[0]).toMatchObject({
      scores: [{ verdict: 'improved' }],
      counts: { improved: 50, regressed: 0, unchanged: 50 },
      unmatched: { baseline: [], challenger: [] },
    });
  });

  test('calls the reverse worse, and names rows that only one side has', async () => {
    const ran = await project.hone('compare latest latest~2 --show regressed --limit 1');
    expect(ran.output()).toContain('Worse: −0.50');
    expect(ran.output()).toContain('20 rows only in the baseline');
    expect(ran.output()).toContain('… and 39 more (--limit)');
  });

  test('shows one slice alone', async () => {
    const ran = await project.hone('compare latest~1 latest --slice kind=fruit --json');
    const [comparison] = JSON.parse(ran.output()).comparisons;
    expect(comparison.counts).toMatchObject({ improved: 0, regressed: 0, unchanged: 50 });
    expect(comparison.unmatched).toEqual({ baseline: [], challenger: [] });
  });

  test.each([
    ['compare latest~1 latest --by kin', 'No row has the field kin.'],
    ['compare latest~1 latest --slice kind=fruits', 'No row has kind=fruits; there is fruit, vegetable.'],
    ['compare latest latest', 'Both are the same experiment.'],
  ])('says of %s what is odd', async (line, note) => {
    expect((await project.hone(line)).output()).toContain(note);
  });

  test.each([
    ['compare latest', 'at least one other'],
    ['compare latest other', 'no experiment other'],
    ['compare latest latest~1 -o c.pdf', 'names no format'],
    ['compare latest latest~1 --show broken', 'broken is none of'],
    ['compare latest latest~1 --slice kind', 'not a field and its value'],
    ['compare latest latest~1 --by kind --slice kind=fruit', 'one of them'],
    ['compare latest missing.json', 'cannot be read'],
  ])('refuses %s with what is wrong', async (line, message) => {
    const ran = await project.hone(line);
    expect(ran.code).toBeGreaterThan(0);
    expect(ran.errors()).toContain(message);
  });

  test('says so where nothing was evaluated, and makes no database', async () => {
    await using empty = await open();
    const ran = await empty.hone('compare latest~1 latest');
    expect(ran.errors()).toContain('nothing was evaluated here yet');
    expect((await empty.hone('experiments')).output()).toContain('There is no experiment yet');
    expect(() => empty.read('.hone/hone.db')).toThrow();
  });

  test('lists experiments, newest first', async () => {
    const listed = JSON.parse((await project.hone('experiments --json')).output()).experiments;
    expect(listed).toMatchObject([
      { name: 'better', score: 1, rows: 100 },
      { name: 'prompt', score: 0.5, rows: 100 },
      { name: 'prompt', rows: 80 },
    ]);
  });
});
