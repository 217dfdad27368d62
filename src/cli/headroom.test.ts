import { expect, test } from 'vitest';
import type { Headroom } from '../headroom/headroom.ts';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';
import { rowsText, scriptedProject } from './scripted-project.ts';

const project = async (stalls: (index: number) => boolean = () => false) => {
  const hone = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({
      body: chatCompletion(answer(body, index)),
      stalls: stalls(index),
    })),
  );
  hone.write('rows.csv', rowsText(240));
  return hone;
};

test('says in sixty calls whether optimizing can pay, and why', async () => {
  await using hone = await project();
  const { code, output } = await hone.hone(`headroom ${hone.task}`);
  expect(code).toBe(0);
  expect(hone.server.count).toBe(60);
  expect(output()).toMatch(
    /^prompt {2}promising\nTaking the best sampled prompt on each row comes to 1\.00 where yours comes to 0\.\d\d, and the best\ssingle one to 1\.00/,
  );
  expect(output()).toContain('with demos           1.00 on 12 rows: 8 labelled rows as demos');
  expect(output()).toContain('labels               no two rows contradict each other');
  expect(output()).toMatch(/a test finds {9}a difference of 0\.\d\d or more in 240 rows/);
});

test('--json is one document, and a second look asks nothing', async () => {
  await using hone = await project();
  await hone.hone(`headroom ${hone.task} --quiet`);
  const { output, errors } = await hone.hone(`headroom ${hone.task} --json --quiet -o look.json`);
  const report = JSON.parse(output()) as Headroom;
  expect(report).toMatchObject({ schemaVersion: 1, kind: 'headroom', verdict: 'promising', rows: 240 });
  expect(report.usage).toMatchObject({ calls: 60, cachedCalls: 60 });
  expect(JSON.parse(hone.read('look.json'))).toEqual(report);
  expect(errors()).toBe('wrote look.json\n');
  expect(hone.server.count).toBe(60);
});

test('--max-calls bounds it, --dry-run calls nothing', async () => {
  await using hone = await project();
  expect((await hone.hone(`headroom ${hone.task} --max-calls 20`)).code).toBe(0);
  expect(hone.server.count).toBe(20);
  const plan = await hone.hone(`headroom ${hone.task} --dry-run`);
  expect(plan.output()).toMatch(/Plan of hone headroom[\s\S]*at most 60 calls/);
  expect(hone.server.count).toBe(20);
});

test.each([
  ['--max-calls 3', '3 calls tell nothing of the headroom'],
  ['-o look.md', 'its extension names no format'],
  ['--max-rows 3', "Unknown option '--max-rows'"],
])('%s is refused before a call', async (flags, message) => {
  await using hone = await project();
  const { code, errors } = await hone.hone(`headroom ${hone.task} ${flags}`);
  expect(code).toBe(2);
  expect(errors()).toContain(message);
  expect(hone.server.count).toBe(0);
});

test('a table without the expected column is named', async () => {
  await using hone = await project();
  const { code, errors } = await hone.hone(
    `headroom prompt.md --data rows.csv --expected sort ${hone.remote}`,
  );
  expect(code).toBe(2);
  expect(errors()).toContain('sort');
});

test('Ctrl-C keeps what was answered, and the look goes on', async () => {
  await using hone = await project((index) => index === 30);
  const io = memoryIo({ cwd: hone.folder });
  const running = runCommandLine(['headroom', ...hone.task.split(' '), '--timeout', '2'], io);
  await expect.poll(() => hone.server.count, { timeout: 60_000 }).toBeGreaterThan(30);
  io.interrupt();
  expect(await running).toBe(130);
  expect(io.errors()).toContain('Go on with: hone resume');
  const resumed = await hone.hone('resume');
  expect(resumed.code).toBe(0);
  expect(resumed.output()).toContain('promising');
});
