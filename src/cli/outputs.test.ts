import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type AskedBody, rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

const openServer = (answer: (body: AskedBody, index: number) => string) =>
  openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) }));

let project: ScriptedProject;
let atAnswer: (index: number, folder: string) => void;

beforeEach(async () => {
  atAnswer = () => undefined;
  project = await scriptedProject(openServer, (index, folder) => atAnswer(index, folder));
});

afterEach(() => project[Symbol.asyncDispose]());

const config = `import { defineConfig, loadDataset, predict, signature } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';
export default defineConfig({
  targets: {
    kinds: {
      program: predict(signature("text -> kind: 'fruit' | 'vegetable'", { instructions: 'Say what it is.' })),
      dataset: () => loadDataset('ROWS', { expected: ['kind'] }),
      scorer: exactMatch('kind'),
    },
  },
});
`;

describe('an output over what the command reads is refused before anything is called', () => {
  test.each([
    ['the rows', 'eval', '-o rows.csv'],
    ['the rows by another spelling', 'eval', '-o ./sub/../rows.csv'],
    ['the rows in other capitals', 'eval', '-o ROWS.CSV'],
    ['the rows through a link', 'eval', '-o linked.csv'],
    ['the rows through a linked folder', 'eval', '-o here/rows.csv'],
    ['the rows by another name of the same file', 'eval', '-o twin.csv'],
    ['the prompt', 'eval', '-o prompt.md'],
    ['the prompt', 'optimize', '-o prompt.md'],
    ['the prompt, also in a plan', 'optimize', '--dry-run -o prompt.md'],
    ['the config file', 'optimize', '-c hone.config.json -o hone.config.json'],
    ['one output twice', 'optimize', '-o a.html -o ./a.html'],
  ])('%s: hone %s %s', async (_, command, flags) => {
    const { folder } = project;
    project.write('hone.config.json', '{}');
    mkdirSync(join(folder, 'sub'));
    symlinkSync(join(folder, 'rows.csv'), join(folder, 'linked.csv'));
    symlinkSync(folder, join(folder, 'here'));
    linkSync(join(folder, 'rows.csv'), join(folder, 'twin.csv'));
    const before = ['prompt.md', 'rows.csv', 'hone.config.json'].map(project.read);
    const { code, errors } = await project.hone(`${command} ${project.task} ${flags}`);
    expect(errors()).toMatch(/^error HONE_OPTION_INVALID: --output .* (would overwrite|are the same file)/);
    expect(code).toBe(2);
    expect(project.server.count).toBe(0);
    expect(['prompt.md', 'rows.csv', 'hone.config.json'].map(project.read)).toEqual(before);
  });

  test('also the rows that the code of a config opens, and the parameters that are run', async () => {
    const { folder, remote } = project;
    project.write('hone.config.ts', config.replace('ROWS', join(folder, 'rows.csv')));
    const rows = await project.hone(`eval kinds ${remote} -o rows.csv`);
    expect(rows.errors()).toMatch(/HONE_OPTION_INVALID: --output rows\.csv would overwrite rows\.csv/);
    project.write('best.json', '{"schemaVersion":1,"candidate":{}}');
    const candidate = await project.hone(`eval kinds ${remote} --candidate best.json -o best.json`);
    expect(candidate.errors()).toMatch(/--output best\.json would overwrite best\.json/);
    expect(project.server.count).toBe(0);
  });
});

describe('an output that cannot be written', () => {
  test.each([
    ['a folder by that name', 'taken.md'],
    ['a file where its folder should be', 'prompt.md/out.md'],
    ['a place that takes no files', '/proc/out.md'],
  ])('%s is said before anything is called', async (_, path) => {
    mkdirSync(join(project.folder, 'taken.md'));
    const { code, errors } = await project.hone(`optimize ${project.task} -o ${path}`);
    expect(errors()).toMatch(/^error HONE_FOLDER_READ_ONLY: .* cannot be written: /);
    expect(code).toBe(1);
    expect(project.server.count).toBe(0);
    expect(readdirSync(project.folder).filter((name) => name.startsWith('.hone-check'))).toEqual([]);
  });

  test.runIf(process.getuid?.() !== 0)('a file that is write-protected is left alone', async () => {
    project.write('kept.md', 'mine');
    chmodSync(join(project.folder, 'kept.md'), 0o444);
    const { code } = await project.hone(`optimize ${project.task} -o kept.md`);
    expect(code).toBe(1);
    expect(project.read('kept.md')).toBe('mine');
  });

  test('the folder of the reports is checked first too', async () => {
    project.write('.hone/reports', 'a file in the way');
    const { code, errors } = await project.hone(`optimize ${project.task}`);
    expect(errors()).toMatch(/HONE_FOLDER_READ_ONLY: .*reports cannot be written/);
    expect(code).toBe(1);
    expect(project.server.count).toBe(0);
  });

  test('at the end is printed instead: the prompt, the report and the summary are not lost', async () => {
    atAnswer = (index, folder) => {
      if (index === 30) writeFileSync(join(folder, 'out'), 'in the way');
      if (index === 31) writeFileSync(join(folder, '.hone/reports'), 'in the way');
    };
    const { code, output, errors } = await project.hone(`optimize ${project.task} -o out/best.md -o a.html`);
    expect(code).toBe(1);
    expect(output()).toMatch(/^✓ Improved/);
    // Once for the report's own file, once for the one that was asked for.
    expect(output().match(/^```demos$/gm)).toHaveLength(2);
    expect(errors()).toContain('What it would hold follows on stdout.');
    expect(errors()).toMatch(/error HONE_FOLDER_READ_ONLY: /);
    expect(project.read('a.html')).toMatch(/^<!doctype html>/);
  });

  test('of the rows of an evaluation is printed too, and --json stays one document', async () => {
    atAnswer = (index, folder) => {
      if (index === 3) writeFileSync(join(folder, 'out'), 'in the way');
    };
    const { code, output } = await project.hone(`eval ${project.task} --first 5 -o out/rows.csv`);
    expect(code).toBe(1);
    expect(output()).toMatch(/\nrow,id,trial,.*\n1,/);
    const json = await project.hone(`eval ${project.task} --first 5 --json -o out2/rows.csv`);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.output()).kind).toBe('evaluation');
  });
});

test('an output through a link is written where the link leads, also where nothing is there yet', async () => {
  const { folder } = project;
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere/figures.json'), join(folder, 'figures.json'));
  expect((await project.hone(`eval ${project.task} --first 5 -o figures.json`)).code).toBe(0);
  expect(JSON.parse(project.read('elsewhere/figures.json')).kind).toBe('evaluation');
});

test('rows keep the numbers of the file, whichever of them are asked for', async () => {
  const { code } = await project.hone(`eval ${project.task} --sample 7 -o rows.out.csv`);
  expect(code).toBe(0);
  const texts = project
    .read('rows.csv')
    .split('\n')
    .map((line) => line.split(',')[0]);
  const lines = project.read('rows.out.csv').trim().split('\n').slice(1);
  expect(lines).toHaveLength(7);
  for (const line of lines) {
    const [row, , , , , text] = line.split(',');
    expect(text).toBe(texts[Number(row)]);
  }
});

describe('the winner of a program in code', () => {
  beforeEach(() => project.write('hone.config.ts', config.replace('ROWS', join(project.folder, 'rows.csv'))));

  test('is JSON under the name of JSON, and runs by the command that is printed', async () => {
    project.write('rows.csv', rowsText(200));
    const { code, output, errors } = await project.hone(
      `optimize kinds ${project.remote} -o best.candidate.json`,
    );
    expect(code, errors()).toBe(0);
    const best = output().match(/^ +winner +(\S+)/m)?.[1] ?? '';
    expect(best).toMatch(/winner\.json$/);
    expect(JSON.parse(project.read(best)).candidate).toHaveProperty(['answer.demos']);
    expect(project.read('best.candidate.json')).toBe(project.read(best));
    const asked = project.server.count;
    const next = output().match(/next +hone (.*)/)?.[1] ?? '';
    const again = await project.hone(next);
    expect(again.code, again.errors()).toBe(0);
    expect(again.output()).toMatch(/exact-match\(kind\) +1\.00/);
    expect(project.server.count).toBe(asked);
    expect((await project.hone('report')).output()).toContain(best);
  });

  test('is not written under the name of a prompt', async () => {
    const { code, errors } = await project.hone(`optimize kinds ${project.remote} -o best.md`);
    expect(errors()).toMatch(/HONE_OPTION_INVALID: The program of "kinds" is written in code/);
    expect(errors()).toContain('--output best.candidate.json');
    expect(code).toBe(2);
    expect(project.server.count).toBe(0);
  });

  test('is refused as a candidate where the program has no such parameters', async () => {
    project.write('best.json', '{"schemaVersion":1,"candidate":{"answer.user":{"kind":"text","text":"x"}}}');
    const { code, errors } = await project.hone(`eval kinds ${project.remote} --candidate best.json`);
    expect(errors()).toMatch(
      /HONE_CANDIDATE_INVALID: best\.json sets "answer\.user", which the program .* does not have/,
    );
    expect(code).toBe(2);
  });
});

test('the sealed rows are a file, and the printed command asks nothing again', async () => {
  project.write('rows.csv', rowsText(200));
  const { output } = await project.hone(`optimize ${project.task}`);
  const report = JSON.parse(project.read('.hone/reports/latest.json'));
  const path = output().match(/sealed rows +(\S+)/)?.[1] ?? '';
  const rows = project
    .read(path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(report.sealedTest.rows);
  expect(Object.keys(rows[0])).toEqual(['text', 'kind']);
  const asked = project.server.count;
  const next = await project.hone(output().match(/next +hone (.*)/)?.[1] ?? '');
  expect(next.output()).toMatch(new RegExp(`1\\.00 .*\\n +${report.sealedTest.rows} rows`));
  expect(project.server.count).toBe(asked);
  expect(existsSync(join(project.folder, path))).toBe(true);
});
