import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import type { TransferReport } from '../transfer/transfer-report.ts';
import { memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';
import { rowsText, scriptedProject } from './scripted-project.ts';

/** A server with models: all learn from demos but `stubborn`. */
async function project() {
  const hone = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({
      body: chatCompletion(body.model === 'stubborn' ? 'fruit' : answer(body, index)),
    })),
  );
  hone.write('rows.csv', rowsText(240));
  const models = (...names: readonly string[]) => names.map((name) => `--model ${name}`).join(' ');
  const line = (...names: readonly string[]) =>
    `optimize prompt.md --data rows.csv --expected kind --base-url ${hone.server.baseUrl} ${models(...names)} --optimizer demo-set-race:{sets:2,demos:4,votes:1}`;
  return Object.assign(hone, { line });
}

test('optimizes for each model and shows every winner on every model', async () => {
  await using hone = await project();
  const { code, output, errors } = await hone.hone(hone.line('small', 'stubborn'));
  expect(code).toBe(0);
  expect(errors()).toMatch(
    /model 1 of 2: openai-compatible\/small \(opt[^)]+\)[\s\S]*model 2 of 2: openai-compatible\/stubborn/,
  );
  expect(output()).toMatch(
    /^prompt: every winner on every model\n {2}openai-compatible\/small: improved, 0\.50 → 1\.00 on the sealed test/,
  );
  expect(output()).toMatch(/ {2}seed +0\.50 +0\.50\n/);
  expect(output()).toMatch(/ {2}for openai-compatible\/small +1\.00 \(\+0\.50, .*\) +0\.50 \(0\.00, .*\)\n/);
  expect(output()).toMatch(/ {2}for openai-compatible\/stubborn: the seed +0\.50 +0\.50\n/);
  const runs = readdirSync(join(hone.folder, '.hone', 'reports'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(runs).toHaveLength(3);
  const winner = /small +(\S+winner\.md)/.exec(output())?.[1] ?? '';
  expect(hone.read(winner)).toContain('Say what it is.');
});

test('--json is one document, -o writes the table, and the same again asks nothing', async () => {
  await using hone = await project();
  await hone.hone(hone.line('small', 'large'));
  const asked = hone.server.count;
  const again = await hone.hone(`${hone.line('small', 'large')} --json --quiet -o all.json -o all.md`);
  expect(hone.server.count).toBe(asked);
  const document = JSON.parse(again.output()) as TransferReport & {
    readonly reports: readonly OptimizationReport[];
  };
  expect(document).toMatchObject({
    kind: 'transfer',
    models: [{ model: 'openai-compatible/small' }, { model: 'openai-compatible/large' }],
  });
  expect(document.reports.map(({ sealedTest }) => sealedTest?.use)).toEqual([1, 2]);
  expect(JSON.parse(hone.read('all.json')).matrix).toEqual(document.matrix);
  expect(hone.read('all.md')).toMatch(
    /\| prompt \| on openai-compatible\/small \| on openai-compatible\/large \|\n\| --- \| --- \| --- \|\n\| seed \|/,
  );
});

test.each([
  ['--model small', 'The model openai-compatible/small is named twice'],
  ['-o winner.candidate.json', 'several winners'],
  ['-o winner.txt', 'several winners'],
])('%s beside two models is refused before a call', async (flags, message) => {
  await using hone = await project();
  const { code, errors } = await hone.hone(`${hone.line('small', 'large')} ${flags}`);
  expect(code).toBe(2);
  expect(errors()).toContain(message);
  expect(hone.server.count).toBe(0);
});

test.each(['eval', 'headroom'])('hone %s takes one model', async (command) => {
  await using hone = await project();
  const { code, errors } = await hone.hone(
    `${command} prompt.md --data rows.csv --expected kind -m small -m large --base-url ${hone.server.baseUrl}`,
  );
  expect(code).toBe(2);
  expect(errors()).toContain('--model names 2');
});

test('--dry-run plans each within its share, and calls nothing', async () => {
  await using hone = await project();
  const { output } = await hone.hone(`${hone.line('small', 'large')} --dry-run --max-calls 1000`);
  expect(output().match(/Plan of hone optimize/g)).toHaveLength(2);
  expect(output().match(/limits {15}400 calls/g)).toHaveLength(2);
  expect(hone.server.count).toBe(0);
  expect(existsSync(join(hone.folder, '.hone'))).toBe(false);
});

test('a model that fails takes nothing away from the one that was finished before it', async () => {
  await using hone = await project();
  const gone = 'openai-compatible:http://127.0.0.1:9/v1#gone';
  const first = `openai-compatible:${hone.server.baseUrl}#small`;
  const { code, errors } = await hone.hone(
    `optimize prompt.md --data rows.csv --expected kind --model ${first} --model ${gone} --optimizer labeled-few-shot`,
  );
  expect(code).toBe(1);
  expect(errors()).toContain('error HONE_MODEL_UNREACHABLE');
  const winner = /finished before: openai-compatible\/small, (\S+winner\.md)/.exec(errors())?.[1] ?? '';
  expect(hone.read(winner)).toContain('Say what it is.');
  expect(hone.read('.hone/reports/latest.json')).toContain('improved');
}, 60_000);

test('Ctrl-C stops the search under way, and resume goes on with all of it', async () => {
  await using hone = await project();
  const io = memoryIo({ cwd: hone.folder });
  const running = runCommandLine([...hone.line('small', 'large').split(' '), '-j', '2'], io);
  await expect.poll(() => io.errors(), { timeout: 60_000 }).toContain('model 2 of 2');
  io.interrupt();
  expect(await running).toBe(130);
  const id = /hone resume (\S+)/.exec(io.errors())?.[1];
  const resumed = await hone.hone('resume');
  expect(resumed.errors()).toContain(`resuming ${id}`);
  expect(resumed.code).toBe(0);
  expect(resumed.output()).toContain('every winner on every model');
});
