import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';
import { type AskedBody, rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

const openServer = (answer: (body: AskedBody, index: number) => string) =>
  openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) }));

let project: ScriptedProject<LoopbackServer>;
let folder: string;
let server: LoopbackServer;
/** Called before each answer of the server. */
let beforeAnswer: (index: number) => void;

beforeEach(async () => {
  beforeAnswer = () => undefined;
  project = await scriptedProject(openServer, (index) => beforeAnswer(index));
  ({ folder, server } = project);
});

afterEach(() => project[Symbol.asyncDispose]());

const hone: ScriptedProject['hone'] = (line, options) => project.hone(line, options);
const remote = () => project.remote;
const task = () => project.task;
const read = (path: string) => project.read(path);
const report = () => JSON.parse(read('.hone/reports/latest.json')) as OptimizationReport;

describe('hone eval', () => {
  test('scores every row and says the mean with its interval', async () => {
    const { code, output, errors } = await hone(`eval ${task()}`);
    expect(errors()).toBe('');
    expect(code).toBe(0);
    expect(output()).toMatch(/0\.50 {2}95 % interval 0\.40 to 0\.60\n.*100 rows/);
    expect(output()).toContain('expected vegetable; got fruit');
    expect(server.count).toBe(100);
    expect(read('.hone/.gitignore')).toBe('*\n');
  });

  test('answers from the cache the second time, and --no-cache asks again', async () => {
    await hone(`eval ${task()}`);
    const again = await hone(`eval ${task()} --json`);
    expect(JSON.parse(again.output()).usage).toMatchObject({ calls: 100, cachedCalls: 100 });
    expect(server.count).toBe(100);
    await hone(`eval ${task()} --no-cache --first 10`);
    expect(server.count).toBe(110);
  });

  test('--json leaves one document on stdout', async () => {
    const { output } = await hone(`eval ${task()} --json --sample 20`);
    const document = JSON.parse(output());
    expect(document).toMatchObject({ schemaVersion: 1, kind: 'evaluation', name: 'prompt' });
    expect(document.summaries[0]).toMatchObject({ name: 'exact-match(kind)', rows: 20 });
  });

  test('--replay refuses to ask what is not stored', async () => {
    const { code, errors } = await hone(`eval ${task()} --replay`);
    expect(code).toBe(1);
    expect(errors()).toMatch(/^error HONE_ANSWER_MISSING: /);
    expect(server.count).toBe(0);
  });

  test('writes rows and summary in the formats of the files', async () => {
    writeFileSync(
      join(folder, 'rows.csv'),
      'text,kind\n"=1+1 apple",fruit\n"=1+1 carrot",vegetable\nb apple,fruit\nc carrot,vegetable\n',
    );
    const { code } = await hone(
      `eval ${task()} --id text -o out.csv -o out.jsonl -o out.md -o deep/out.json`,
    );
    // The id column is no input, so nothing would be left to answer from.
    expect(code).toBe(2);
    expect(await hone(`eval ${task()} -o out.csv -o out.jsonl -o out.md -o deep/out.json`)).toMatchObject({
      code: 0,
    });
    expect(read('out.csv').split('\n')[0]).toBe(
      'row,id,trial,status,score,text,expected,answer,feedback,cost_usd,latency_ms',
    );
    expect(read('out.csv').split('\n')[2]).toMatch(/^2,\w+,0,scored,0,'=1\+1 carrot,/);
    expect(
      read('out.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ row, inputs, outcome }) => [row, inputs.text, outcome.value]),
    ).toEqual([
      [1, '=1+1 apple', 1],
      [2, '=1+1 carrot', 0],
      [3, 'b apple', 1],
      [4, 'c carrot', 0],
    ]);
    expect(read('out.md')).toContain('# Evaluation: prompt');
    expect(JSON.parse(read('deep/out.json')).summaries[0].mean).toBe(0.5);
  });

  test('--dry-run plans and calls nothing', async () => {
    const { code, output } = await hone(
      `eval ${task()} --trials 3 --dry-run --price-input 1 --price-output 2`,
    );
    expect(code).toBe(0);
    expect(output()).toContain('at most 300 calls');
    expect(output()).toMatch(/cost +about \$0\.0/);
    expect(server.count).toBe(0);
    expect(existsSync(join(folder, '.hone'))).toBe(false);
  });

  test('several trials of every row are all of them, not a part', async () => {
    const { code, output } = await hone(`eval ${task()} --first 10 --trials 3`);
    expect(output()).not.toContain('The budget ended it');
    expect(output()).toMatch(/answers +30 calls/);
    expect(code).toBe(0);
  });

  test('says in every form what a reader must know of the rows', async () => {
    writeFileSync(
      join(folder, 'hone.config.ts'),
      `import { defineConfig, predict, signature } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';
const row = (text, kind) => ({ id: 'same', inputs: { text }, expected: { kind } });
export default defineConfig({
  targets: {
    kinds: {
      program: predict(signature("text -> kind: 'fruit' | 'vegetable'")),
      dataset: [row('an apple', 'fruit'), row('a carrot', 'vegetable')],
      scorer: exactMatch('kind'),
    },
  },
});
`,
    );
    const terminal = await hone(`eval kinds ${remote()} -o out.md`);
    const { notices } = JSON.parse((await hone(`eval kinds ${remote()} --json`)).output());
    expect(notices).toHaveLength(1);
    expect(terminal.output()).toContain(notices[0].slice(0, 40));
    expect(read('out.md')).toContain(`> ${notices[0].slice(0, 10)}`);
  });

  test('a spent budget ends it with the rows so far, and exit code 4', async () => {
    const { code, output } = await hone(`eval ${task()} --max-calls 10 -j 1`);
    expect(code).toBe(4);
    expect(output()).toContain('The budget ended it after 10 of 100 answers.');
  });

  test('the front matter names outputs and scorer, and flags win', async () => {
    writeFileSync(
      join(folder, 'prompt.md'),
      '---\noutputs: [kind]\nscorer: contains\n---\nSay what it is.\n',
    );
    const own = await hone(`eval prompt.md --data rows.csv ${remote()} --json`);
    expect(JSON.parse(own.output()).summaries[0].name).toBe('contains(kind)');
    const flagged = await hone(`eval prompt.md --data rows.csv ${remote()} --scorer exact-match --json`);
    expect(JSON.parse(flagged.output()).summaries[0].name).toBe('exact-match(kind)');
  });
});

describe('hone optimize', () => {
  test('proves the better prompt, writes it as a file and tells where everything lies', async () => {
    writeFileSync(join(folder, 'rows.csv'), rowsText(200));
    const { code, output, errors } = await hone(`optimize ${task()}`);
    expect(code, errors()).toBe(0);
    expect(output()).toMatch(/^✓ Improved/);
    expect(output()).toMatch(/sealed test +0\.\d\d → 1\.00 +\+0\.\d\d +95 % interval/);
    const { runId, sealedTest, verdict } = report();
    expect(verdict).toBe('improved');
    expect(sealedTest).toMatchObject({ winner: 1, lost: 0, verdict: 'improved' });
    expect(Object.keys(sealedTest ?? {})).toEqual(
      expect.arrayContaining(['seed', 'winner', 'difference', 'interval', 'pValue', 'rows', 'verdict']),
    );
    for (const file of [
      'winner.md',
      'seed.md',
      'candidate.json',
      'report.json',
      'report.md',
      'report.html',
    ]) {
      expect(existsSync(join(folder, '.hone/reports', runId, file)), file).toBe(true);
    }
    const folderOfRun = `.hone/reports/${runId}`;
    expect(output()).toContain(
      `next                 hone eval ${folderOfRun}/winner.md --data ${folderOfRun}/sealed-rows.jsonl --model test`,
    );
    expect(output()).toContain(`hone export ${folderOfRun}/winner.md --as typescript`);
    expect(read('.hone/reports/latest-winner.md')).toBe(read(`.hone/reports/${runId}/winner.md`));
  });

  test('evaluating winner.md renders the messages that were proven', async () => {
    writeFileSync(join(folder, 'rows.csv'), rowsText(200));
    await hone(`optimize ${task()} -o best.md`);
    const proven = new Set(server.requests.map(({ body }) => JSON.stringify(body.messages)));
    server.requests.length = 0;
    const { code } = await hone(`eval best.md --data rows.csv ${remote()} --no-cache`);
    expect(code).toBe(0);
    const seen = server.requests.filter(({ body }) => proven.has(JSON.stringify(body.messages)));
    // At least what selected and proved: half of the rows.
    expect(seen.length).toBeGreaterThanOrEqual(100);
  });

  test('a prompt that cannot be shown to be better stays a development estimate', async () => {
    writeFileSync(join(folder, 'rows.csv'), rowsText(100).replaceAll('carrot', 'stone'));
    const { code, output } = await hone(`optimize ${task()} -o best.md --fail-on-inconclusive`);
    expect(code).toBe(5);
    expect(output()).toContain('No reliable improvement');
    const { runId, verdict } = report();
    expect(verdict).toBe('no-reliable-improvement');
    expect(existsSync(join(folder, '.hone/reports', runId, 'winner.md'))).toBe(false);
    expect(existsSync(join(folder, '.hone/reports', runId, 'development-estimate.md'))).toBe(true);
    expect(read('best.md')).toBe(read(`.hone/reports/${runId}/seed.md`));
  });

  test('a prompt that is right already ends after its own score, with a sentence and a way to go on', async () => {
    writeFileSync(
      join(folder, 'prompt.md'),
      'Say what it is: an apple and an apple are fruit, a carrot is not.\n',
    );
    const { code, output } = await hone(`optimize ${task()}`);
    expect(code).toBe(0);
    expect(output()).toMatch(/^– Nothing to improve/);
    expect(output()).toContain('gets every validation row right');
    expect(server.count).toBe(report().validation.rows);
    const next = output().match(/next +hone (.*)/)?.[1] ?? '';
    expect(next).toBe(`optimize ${task()} --search-anyway`);
    const again = await hone(next);
    expect(again.output()).not.toContain('Nothing to improve');
    expect(report().candidates.length).toBeGreaterThan(1);
  });

  test('needs no prompt file', async () => {
    const { code, output } = await hone(`optimize --data rows.csv --expected kind ${remote()}`);
    expect(code).toBe(0);
    expect(output()).toContain('Improved');
  });

  test('--dry-run says what a small budget does not hold, as the run does', async () => {
    writeFileSync(join(folder, 'rows.csv'), rowsText(200));
    const plan = await hone(`optimize ${task()} --dry-run --max-calls 60`);
    expect(plan.output()).toMatch(/note +The budget cannot hold the test of \d+ rows beside a search/);
    const planned = plan.output().match(/note +(The budget cannot hold .*)/)?.[1];
    const run = await hone(`optimize ${task()} --max-calls 60`);
    expect(run.code).toBe(4);
    expect(run.output()).toContain(planned);
    expect(run.output()).toContain('The budget did not hold the sealed test');
  });

  test('--dry-run says calls, split and limits', async () => {
    const { output } = await hone(`optimize ${task()} --dry-run --max-calls 1000 --json`);
    expect(JSON.parse(output())).toMatchObject({
      command: 'optimize',
      rows: 100,
      budget: { calls: 1000 },
    });
    const { split } = JSON.parse(output());
    expect(split.train + split.validation + split.test).toBe(100);
    expect(server.count).toBe(0);
  });

  test('a stopped run is resumed by its id, and nothing is asked twice', async () => {
    const io = memoryIo({ cwd: folder });
    beforeAnswer = (index) => {
      if (index === 40) io.interrupt();
    };
    const stopped = await runCommandLine(`optimize ${task()} -j 2`.split(' '), io);
    expect(stopped).toBe(130);
    const id = io.errors().match(/hone resume (opt-\w+)/)?.[1];
    expect(id).toBeDefined();
    const resumed = await hone(`resume ${id}`);
    expect(resumed.code, resumed.errors()).toBe(0);
    expect(resumed.output()).toContain('Improved');
    expect(report().runId).toBe(id);
    const bodies = server.requests.map(({ body }) => JSON.stringify(body));
    expect(new Set(bodies).size).toBe(bodies.length);
    const finished = await hone('resume');
    expect(finished.output()).toContain('Improved');
  });

  test('the second Ctrl-C leaves at once', async () => {
    const io = memoryIo({ cwd: folder });
    beforeAnswer = (index) => {
      if (index === 5) {
        io.interrupt();
        io.interrupt();
      }
    };
    await runCommandLine(`optimize ${task()}`.split(' '), io);
    expect(io.exits).toEqual([130]);
  });
});

describe('hone report', () => {
  test('shows the latest run again in every format', async () => {
    await hone(`optimize ${task()}`);
    const { runId } = report();
    expect((await hone('report')).output()).toContain('Improved');
    expect((await hone(`report ${runId} --format md`)).output()).toMatch(/^# Improved: prompt/);
    expect((await hone('report --format html')).output()).toMatch(/^<!doctype html>/);
    expect(JSON.parse((await hone('report --format json')).output()).runId).toBe(runId);
    await hone('report -o shared/report.html');
    expect(read('shared/report.html')).toMatch(/^<!doctype html>/);
    rmSync(join(folder, '.hone/reports'), { recursive: true });
    expect((await hone('report')).output()).toContain('Improved');
  });

  test('without a run says how to make one', async () => {
    const { code, errors } = await hone('report');
    expect(code).toBe(2);
    expect(errors()).toMatch(/^error HONE_RUN_NOT_FOUND: There is no report yet\.\nfix: Run: hone optimize/);
  });
});

describe('hone cache', () => {
  test('counts and deletes stored answers, after asking', async () => {
    expect((await hone('cache')).output()).toContain('0 stored answers');
    await hone(`eval ${task()} --first 10`);
    expect(JSON.parse((await hone('cache stats --json')).output())).toMatchObject({ answers: 10 });
    expect(await hone('cache clear')).toMatchObject({ code: 2 });
    expect((await hone('cache clear', { replies: ['n'] })).errors()).toContain('Nothing was deleted.');
    expect((await hone('cache clear', { replies: ['y'] })).output()).toBe('Deleted 10 stored answers.\n');
  });
});

describe('on a terminal', () => {
  test('progress is one block, and the result has colours unless NO_COLOR says no', async () => {
    const colored = await hone(`eval ${task()}`, { isTerminal: true });
    expect(colored.output()).toContain('\u001b[1m0.50');
    const plain = await hone(`eval ${task()}`, { isTerminal: true, variables: { NO_COLOR: '1' } });
    expect(plain.output()).not.toContain('\u001b');
  });
});
