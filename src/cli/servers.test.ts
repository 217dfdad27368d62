import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chatCompletion, type LoopbackReply, openLoopbackServer } from '../testing/loopback-server.ts';
import { scriptedProject } from './scripted-project.ts';

/** A project whose server answers as it is told. */
async function project(reply: (body: Readonly<Record<string, unknown>>, text: string) => LoopbackReply) {
  return await scriptedProject(async (answer) => {
    const server = await openLoopbackServer(({ body }, index) => reply(body, answer(body, index)));
    return {
      baseUrl: server.baseUrl,
      requests: server.requests,
      get count() {
        return server.count;
      },
      close: server.close,
    };
  });
}

function storedBytes(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}

test('credentials in --base-url reach the server, and no file, screen or next command has them', async () => {
  await using hone = await project((_, text) => ({ body: chatCompletion(text) }));
  const { baseUrl, requests } = hone.server;
  const secret = `${baseUrl.replace('//', '//someone:s3cr3t-word@')}?key=qu3ry-key`;
  const line = `prompt.md --data rows.csv --expected kind --model test --base-url ${secret}`;
  const evaluated = await hone.hone(`eval ${line} --first 4 -o out.json`);
  const optimized = await hone.hone(`optimize ${line} --max-calls 200`);
  expect([evaluated.code, optimized.code]).toEqual([0, 0]);
  expect(requests[0]?.headers.authorization).toBe(`Basic ${btoa('someone:s3cr3t-word')}`);
  expect(requests[0]?.path).toContain('key=qu3ry-key');
  const refused = await hone.hone(`eval ${line.replace('http:', 'htp:')}`);
  expect(refused.code).toBe(2);
  const shown = [evaluated, optimized, refused].map((ran) => ran.output() + ran.errors()).join('\n');
  const everything = shown + storedBytes(hone.folder);
  expect(everything.match(/--base-url/g)?.length).toBeGreaterThan(2);
  expect(everything.match(/.{0,60}(?:s3cr3t-word|qu3ry-key|someone).{0,20}/g)).toBeNull();
});

test('a run that goes on finds the credentials in HONE_BASE_URL', async () => {
  let isOpen = false;
  await using hone = await project((_, text) =>
    isOpen ? { body: chatCompletion(text) } : { status: 401, body: { error: { message: 'Who are you?' } } },
  );
  const secret = hone.server.baseUrl.replace('//', '//someone:s3cr3t-word@');
  await hone.hone(
    `eval prompt.md --data rows.csv --expected kind --first 4 --model test --base-url ${secret}`,
  );
  isOpen = true;
  hone.server.requests.length = 0;
  const resumed = await hone.hone('resume', { variables: { HONE_BASE_URL: secret } });
  expect(resumed.code).toBe(0);
  expect(hone.server.requests[0]?.headers.authorization).toMatch(/^Basic /);
});

test('--server-lacks says what is not sent, and the report says what that means', async () => {
  await using hone = await project((_, text) => ({ body: chatCompletion(text) }));
  const ran = await hone.hone(`eval ${hone.task} --first 4 --server-lacks temperature,seed --json`);
  expect(ran.code).toBe(0);
  expect(hone.server.requests.every(({ body }) => body.temperature === undefined)).toBe(true);
  expect(JSON.parse(ran.output()).notices).toEqual([expect.stringContaining('`temperature`')]);
});

test('--server-lacks with another name names the nearest', async () => {
  await using hone = await project((_, text) => ({ body: chatCompletion(text) }));
  const ran = await hone.hone(`eval ${hone.task} --server-lacks temprature`);
  expect(ran.code).toBe(2);
  expect(ran.errors()).toMatch(/Did you mean temperature\?/);
});

test('--timeout bounds each attempt, and the error names the flag', async () => {
  await using hone = await project(() => ({ stalls: true }));
  const ran = await hone.hone(`eval ${hone.task} --first 4 --timeout 0.05`);
  expect(ran.code).toBe(1);
  expect(ran.errors()).toMatch(/HONE_MODEL_TIMEOUT.*0\.05 s[\s\S]*--timeout/);
});

test('--max-minutes ends an evaluation with one call that never answers, and keeps the others', async () => {
  let count = 0;
  await using hone = await project((_, text) => {
    count += 1;
    return count === 3 ? { stalls: true } : { body: chatCompletion(text) };
  });
  const ran = await hone.hone(`eval ${hone.task} --first 20 --max-minutes 0.02 --json`);
  // The evaluation is there, and says by its exit code that rows are missing.
  expect(ran.code).toBe(4);
  expect(JSON.parse(ran.output()).notes).toEqual(['The budget ended it after 19 of 20 answers.']);
});
