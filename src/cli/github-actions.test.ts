import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { reportToGithub } from './github-actions.ts';
import { memoryIo } from './memory-io.ts';

let folder: string;
let server: LoopbackServer;
let answers: { readonly status: number; readonly body: unknown } | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hone-github-'));
  answers = undefined;
  server = await openLoopbackServer(({ method }) => answers ?? { body: method === 'GET' ? [] : { id: 1 } });
  writeFileSync(join(folder, 'event.json'), JSON.stringify({ pull_request: { number: 7 } }));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const view = {
  gate: {
    result: 'fail',
    suite: 'triage',
    challenger: 'eval-1',
    candidate: 'abc',
    checks: [{ name: 'must pass', result: 'fail', reason: 'Not right: a\n::set-output name=result::pass' }],
    broken: ['a'],
    fixed: [],
  },
  baselineWords: 'none',
} as const;

async function report(variables: Readonly<Record<string, string>> = {}) {
  const io = memoryIo({
    cwd: folder,
    variables: {
      GITHUB_REPOSITORY: 'ada/app',
      GITHUB_API_URL: server.baseUrl,
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_TOKEN: 'secret',
      ...variables,
    },
  });
  await reportToGithub(view, { io, file: 'prompt.md' });
  return io;
}

test('a gate is a comment, a summary, outputs and annotations that hold no command of a row', async () => {
  const io = await report();
  expect(server.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
    'GET /v1/repos/ada/app/issues/7/comments',
    'POST /v1/repos/ada/app/issues/7/comments',
  ]);
  expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('**Failed** · triage');
  expect(readFileSync(join(folder, 'output'), 'utf8')).toContain('result=fail\n');
  const commands = io
    .errors()
    .split('\n')
    .filter((line) => line.startsWith('::'));
  expect(commands).toEqual([
    expect.stringMatching(/^::error file=prompt\.md,line=1,title=triage%3A Failed::must pass: /),
  ]);
  expect(io.output()).toBe('');
});

test('a comment that is not allowed is told and changes nothing else', async () => {
  answers = { status: 403, body: { message: 'Resource not accessible by integration' } };
  const io = await report();
  expect(io.errors()).toContain('::warning::The comment could not be written: GitHub answered 403');
  expect(io.errors()).not.toContain('secret');
  expect(readFileSync(join(folder, 'output'), 'utf8')).toContain('result=fail\n');
});

test('without a token, or outside a pull request, nothing is asked', async () => {
  expect((await report({ GITHUB_TOKEN: '' })).errors()).toContain('No GITHUB_TOKEN');
  await report({ GITHUB_EVENT_PATH: '' });
  expect(server.count).toBe(0);
});
