import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';
import { rowsText, scriptedProject } from './scripted-project.ts';

async function project() {
  const hone = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
  // Enough for one search with a sealed test of its own.
  hone.write('rows.csv', rowsText(240));
  return hone;
}

/** What the task model understands: it needs to hear of both. */
const lesson = 'An apple is fruit and a carrot is a vegetable; apple, carrot: go by that word.';

/** A coding agent at work in the folder: answers what waits there. @returns how many. */
function agent(folder: string, answerOf: (request: string) => string): number {
  if (!existsSync(folder)) return 0;
  const waiting = readdirSync(folder).filter((name) => name.endsWith('.request.md'));
  for (const name of waiting) {
    const request = readFileSync(join(folder, name), 'utf8');
    const file = /`([^`]+\.answer\.\w+)`/.exec(request)?.[1] ?? '';
    writeFileSync(join(folder, file), answerOf(request));
  }
  return waiting.length;
}

const search = 'metaPrompt:{rounds:2,drafts:2}';

test('a run without a key asks, ends, and goes on when the answers are there, until its prompt is proven', async () => {
  await using hone = await project();
  const folder = join(hone.folder, '.hone', 'handoff');
  const line = `optimize ${hone.task} --reflection-model handoff --optimizer ${search} -o better.md`;
  const first = await hone.hone(line);
  expect(first.code).toBe(6);
  expect(first.errors()).toContain(`error HONE_HANDOFF_WAITING: 1 request waits for an answer in ${folder}.`);
  expect(first.errors()).toContain('fix: Answer the files there');
  const asked = hone.server.count;
  // Nothing has been answered: the same command ends the same way, and pays nothing.
  expect((await hone.hone(line)).code).toBe(6);
  expect(hone.server.count).toBe(asked);

  let rounds = 0;
  let ran = first;
  while (ran.code === 6 && rounds < 10) {
    rounds += agent(folder, () => JSON.stringify({ texts: [lesson, `${lesson} Say one word.`] }));
    ran = await hone.hone(rounds % 2 === 0 ? 'resume' : line);
  }
  expect(ran.errors()).not.toContain('error');
  expect(ran.code).toBe(0);
  expect(rounds).toBe(2);
  const report = JSON.parse(hone.read('.hone/reports/latest.json')) as OptimizationReport;
  expect(report.verdict).toBe('improved');
  expect(hone.read('better.md')).toContain('An apple is fruit');
  expect(readdirSync(folder).sort()).toEqual(['README.md', 'answered']);
});

test('all requests of a round are handed over at once, however few rows may run together', async () => {
  await using hone = await project();
  const line = `optimize ${hone.task} --reflection-model handoff:asked -j 2 --optimizer ape:{subsets:3,perSubset:2,resampling:0}`;
  const { code, errors } = await hone.hone(line);
  expect(code).toBe(6);
  expect(errors()).toContain(`6 requests wait for an answer in ${join(hone.folder, 'asked')}`);
});

test('an answer that the readers refuse is asked for once more, with what is wrong', async () => {
  await using hone = await project();
  const folder = join(hone.folder, '.hone', 'handoff');
  const line = `optimize ${hone.task} --reflection-model handoff --optimizer metaPrompt:{rounds:1,drafts:2}`;
  await hone.hone(line);
  agent(folder, () => '{"texts": {"one": 1}}');
  const again = await hone.hone(line);
  expect(again.code).toBe(6);
  let complaint = '';
  agent(folder, (request) => {
    complaint = request;
    return JSON.stringify({ texts: [lesson] });
  });
  expect(complaint).toContain('I could not read from your answer: Texts');
  expect((await hone.hone(line)).code).toBe(0);
});

test('--handoff-wait waits for the answers, and says where they are waited for', async () => {
  await using hone = await project();
  const folder = join(hone.folder, '.hone', 'handoff');
  const at = setInterval(() => agent(folder, () => JSON.stringify({ texts: [lesson] })), 50);
  try {
    const { code, errors } = await hone.hone(
      `optimize ${hone.task} --reflection-model handoff --handoff-wait 5 --optimizer metaPrompt:{rounds:1,drafts:2}`,
    );
    expect(code).toBe(0);
    expect(errors()).toContain(`reflection requests are written to ${folder}`);
  } finally {
    clearInterval(at);
  }
});

test('Ctrl-C ends the wait and keeps what was answered', async () => {
  await using hone = await project();
  const folder = join(hone.folder, '.hone', 'handoff');
  const words =
    `optimize ${hone.task} --reflection-model handoff --optimizer metaPrompt:{rounds:1,drafts:2}`.split(' ');
  const io = memoryIo({ cwd: hone.folder });
  const running = runCommandLine([...words, '--handoff-wait', '5'], io);
  await expect
    .poll(() => existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.request.md')), {
      timeout: 60_000,
    })
    .toBe(true);
  const asked = hone.server.count;
  io.interrupt();
  expect(await running).toBe(130);
  agent(folder, () => JSON.stringify({ texts: [lesson] }));
  const resumed = await hone.hone('resume');
  expect(resumed.code).toBe(0);
  expect(asked).toBeGreaterThan(0);
}, 120_000);

test('a wait for nobody is refused', async () => {
  await using hone = await project();
  const { code, errors } = await hone.hone(`optimize ${hone.task} --handoff-wait 5`);
  expect(code).toBe(2);
  expect(errors()).toContain('--handoff-wait waits for nobody');
  expect(hone.server.count).toBe(0);
});

test('a wait that is no number is refused', async () => {
  await using hone = await project();
  const { code, errors } = await hone.hone(`optimize ${hone.task} --handoff-wait soon`);
  expect(code).toBe(2);
  expect(errors()).toContain('It is not a number of minutes');
});
