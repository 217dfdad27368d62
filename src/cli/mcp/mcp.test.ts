import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../../testing/loopback-server.ts';
import type { CommandIo } from '../command-io.ts';
import { memoryIo } from '../memory-io.ts';
import { type AskedBody, rowsText, type ScriptedProject, scriptedProject } from '../scripted-project.ts';
import { openLimitLedger } from './mcp-limits.ts';
import { columnList, insideProject, namedModel } from './mcp-paths.ts';
import { runQuietly } from './run-quietly.ts';

let project: ScriptedProject<LoopbackServer>;
let client: Client;
beforeEach(async () => {
  project = await scriptedProject((answer: (body: AskedBody, index: number) => string) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
});
afterEach(async () => {
  await client?.close();
  await project[Symbol.asyncDispose]();
});

/** A client of a server that runs as a process of its own. */
async function connect(...flags: readonly string[]) {
  client = new Client({ name: 'test', version: '1' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      '--import',
      import.meta.resolve('jiti/register'),
      resolve('src/cli/main.ts'),
      'mcp',
      '--model=test',
      `--base-url=${project.server.baseUrl}`,
      ...flags,
    ],
    cwd: project.folder,
    stderr: 'pipe',
  });
  // A busy machine takes long to start a process: the limits are for hangs alone.
  await client.connect(transport, patience);
  return async (name: string, given: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: given }, undefined, patience);
    const [content] = result.content as readonly { readonly text: string }[];
    return { text: content?.text ?? '', isError: result.isError === true };
  };
}

const patience = { timeout: 300_000 } as const;
const task = { prompt: 'prompt.md', data: 'rows.csv', expected: ['kind'] };

test('a server that may only look shows plans, and writes and spends nothing', async () => {
  const call = await connect();
  const { tools } = await client.listTools(undefined, patience);
  expect(tools.map(({ name }) => name)).toEqual([
    'experiments',
    'report',
    'compare',
    'optimizers',
    'show_prompt',
    'evaluate',
    'optimize',
    'handoff_requests',
    'handoff_answer',
  ]);
  expect(
    tools.filter(({ annotations }) => annotations?.readOnlyHint !== true).map(({ name }) => name),
  ).toEqual(['handoff_answer']);
  const plan = await call('evaluate', task);
  expect(plan.text).toContain('This server may only look, so this is the plan');
  expect(plan.text).toContain('"rows":100');
  expect((await call('optimize', task)).text).toContain('so this is the plan');
  expect(await call('handoff_answer', { id: '0'.repeat(16), answer: '{}' })).toMatchObject({
    isError: true,
    text: expect.stringContaining('--allow-writes'),
  });
  expect((await call('experiments')).text).toContain('"experiments":[]');
  expect(await call('report')).toMatchObject({
    isError: true,
    text: expect.stringContaining('There is no report yet'),
  });
  expect(await call('evaluate', { ...task, data: '../rows.csv' })).toMatchObject({
    isError: true,
    text: expect.stringContaining('lies outside the project'),
  });
  expect(await call('evaluate', { ...task, max_cost: 1 })).toMatchObject({
    isError: true,
    text: expect.stringContaining('max_cost'),
  });
  expect(project.server.count).toBe(0);
  expect(existsSync(join(project.folder, '.hone'))).toBe(false);
}, 300_000);

test('with writes an agent evaluates, proposes by handoff until a prompt is proven, and compares, within one budget', async () => {
  project.write('rows.csv', rowsText(240));
  const call = await connect('--allow-writes', '--max-calls=1500');
  expect(await call('evaluate', { ...task, expected: ['kindd'] })).toMatchObject({ isError: true });
  const first = await call('evaluate', { ...task, first: 40 });
  expect(first).toMatchObject({ isError: false });
  expect(JSON.parse(first.text).summaries[0].mean).toBeCloseTo(0.5, 9);

  const search = { ...task, optimizer: 'metaPrompt:{rounds:1,drafts:2}', reflection_model: 'handoff' };
  expect((await call('optimize', search)).text).toContain('1 requests wait for your answer');
  const { requests } = JSON.parse((await call('handoff_requests')).text);
  expect(requests).toHaveLength(1);
  expect(await call('handoff_answer', { id: requests[0].id, answer: 'Better.' })).toMatchObject({
    isError: true,
  });
  const lesson = 'An apple is fruit and a carrot is a vegetable; apple, carrot: go by that word.';
  const answer = JSON.stringify({ texts: [lesson] });
  expect((await call('handoff_answer', { id: requests[0].id, answer })).text).toContain('None is left');
  const proven = await call('optimize', search);
  expect(proven.text).toMatch(/^verdict: improved/);
  expect((await call('report')).text).toContain('An apple is fruit');
  expect(readdirSync(join(project.folder, '.hone', 'handoff')).sort()).toEqual(['README.md', 'answered']);

  const { runId } = JSON.parse(project.read('.hone/reports/latest.json'));
  const candidate = `.hone/reports/${runId}/candidate.json`;
  const second = await call('evaluate', { ...task, first: 40, candidate });
  expect(JSON.parse(second.text).summaries[0].mean).toBeCloseTo(1, 9);
  const compared = JSON.parse((await call('compare', { experiments: ['latest~1', 'latest'] })).text);
  expect(JSON.stringify(compared)).toContain('improved');
}, 300_000);

describe('the budget of a server', () => {
  const total = { usd: 1, calls: 100, minutes: 10 };

  test('is shared by its runs, and what a finished run did not use is free again', () => {
    const ledger = openLimitLedger(total);
    expect(ledger.grant('a', { calls: 60 })).toEqual({ usd: 1, calls: 60, minutes: 10 });
    expect(ledger.grant('b', {})).toBeUndefined();
    ledger.worked('a', 0.5);
    ledger.worked('a', 0.5);
    ledger.settle('a', { usd: 0.25, calls: 10 });
    expect(ledger.grant('b', { calls: 1_000 })).toEqual({ usd: 0.75, calls: 90, minutes: 9 });
    ledger.settle('b', {});
    expect(ledger.left()).toEqual({ usd: 0, calls: 0, minutes: 0 });
    expect(ledger.grant('c', {})).toBeUndefined();
  });

  test('gives a run that goes on what it had, and no more', () => {
    const ledger = openLimitLedger(total);
    const before = ledger.grant('a', { calls: 60, usd: 0.5, minutes: 5 });
    expect(ledger.grant('a', { calls: 90 })).toEqual(before);
    expect(ledger.left()).toEqual({ usd: 0.5, calls: 40, minutes: 5 });
  });

  test('of no dollars still lets free models run', () => {
    expect(openLimitLedger({ ...total, usd: 0 }).grant('a', {})).toMatchObject({ usd: 0, calls: 100 });
  });
});

test('paths that leave the project and models of other machines are refused', () => {
  const { folder } = project;
  symlinkSync(tmpdir(), join(folder, 'link'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'rows.csv'), 'a\n');
  expect(insideProject('data/rows.csv', folder)).toBe('data/rows.csv');
  expect(insideProject('not-there-yet.csv', folder)).toBe('not-there-yet.csv');
  for (const path of ['..', '../x', '/etc/passwd', 'data/../../x', 'link/x.csv', '--output=x', '']) {
    expect(() => insideProject(path, folder), path).toThrow(/outside the project/);
  }
  for (const path of ['.env', 'data/.secret/rows.csv']) {
    expect(() => insideProject(path, folder), path).toThrow(/is hidden/);
  }
  expect(insideProject('.hone/reports/x/candidate.json', folder)).toContain('.hone');
  expect(namedModel('openai/gpt-5')).toBe('openai/gpt-5');
  expect(namedModel('openai-compatible:http://127.0.0.1:1/v1#x')).toContain('127.0.0.1');
  for (const model of [
    'openai-compatible:http://evil.example/v1#x',
    'openai-compatible:http://127.0.0.1@evil.example/v1#x',
    '--yes',
    'handoff:/tmp/x',
    'hf:a/b/c.gguf',
    '../m.gguf',
  ]) {
    expect(() => namedModel(model), model).toThrow();
  }
});

test('columns with a comma in their names are refused, as they would be several', () => {
  expect(columnList(['kind', 'say'])).toBe('kind,say');
  expect(() => columnList(['kind', 'a,b'])).toThrow(/a,b.*comma/);
});

test('hone init --skill writes a skill that names what there is, and keeps one that is there', async () => {
  const { output } = await project.hone('init --skill');
  expect(output()).toContain('wrote   .claude/skills/hone/SKILL.md');
  const skill = readFileSync(join(project.folder, '.claude/skills/hone/SKILL.md'), 'utf8');
  expect(skill).toMatch(/^---\nname: hone\ndescription: .+\n---\n/);
  project.write('.claude/skills/hone/SKILL.md', 'mine');
  expect((await project.hone('init --skill')).output()).toContain('kept    .claude/skills/hone/SKILL.md');
  expect(project.read('.claude/skills/hone/SKILL.md')).toBe('mine');
});

test('limits of a server that may only look are refused', async () => {
  expect((await project.hone('mcp --budget-usd 3')).errors()).toContain('Add --allow-writes');
  expect((await project.hone('mcp --base-url http://127.0.0.1:9/v1')).errors()).toContain('Add --model');
});

test('a run that is cancelled stops, and one that is cancelled before its turn is not begun', async () => {
  const asked: (readonly string[])[] = [];
  const stopped = new AbortController();
  const runWith = async (argv: readonly string[], io: CommandIo) => {
    asked.push(argv);
    await new Promise<void>((done) => {
      io.onInterrupt(done);
      stopped.abort();
    });
    return 130;
  };
  const io = memoryIo({ cwd: project.folder });
  const run = await runQuietly(['eval'], { io, runWith, signal: stopped.signal });
  expect(run.code).toBe(130);
  await expect(runQuietly(['eval'], { io, runWith, signal: stopped.signal })).rejects.toMatchObject({
    code: 'HONE_ABORTED',
  });
  expect(asked).toHaveLength(1);
});
