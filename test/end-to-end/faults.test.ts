import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chatCompletion, type LoopbackReply, openLoopbackServer } from '../../src/testing/loopback-server.ts';
import { expectOneMessage, hone, project, rows, storedAnswers } from './project.ts';

const right = () => ({ body: chatCompletion('fruit') });

/** The command against a server of its own. */
async function against(
  server: { readonly baseUrl: string },
  folder: string,
  { argv = ['eval', 'prompt.md'], flags = [] as readonly string[], variables = {} } = {},
) {
  const model = ['--model', `openai-compatible:${server.baseUrl}#test-model`];
  return hone(folder, [...argv, ...rows, ...model, ...flags], variables);
}

describe.concurrent('a database that is not free or not whole', { timeout: 60_000 }, () => {
  const cli = resolve('dist/cli/main.js');

  /** Another process; it is ended with the test. */
  function other(parameters: readonly string[], folder: string): ChildProcess & AsyncDisposable {
    const child = spawn(process.execPath, parameters, {
      cwd: folder,
      env: { ...process.env, HONE_DIR: join(folder, '.hone') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return Object.assign(child, {
      async [Symbol.asyncDispose]() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    });
  }

  /** Fails with what the process said, where it ends before its time. */
  async function endOf(child: ChildProcess): Promise<never> {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    const [code] = await once(child, 'close');
    throw new Error(`The other process ended with ${code}: ${said}`);
  }

  test('a run that another process works on is left to it, by name', async () => {
    let arrived: () => void = () => undefined;
    const first = new Promise<void>((done) => {
      arrived = done;
    });
    await using server = await openLoopbackServer(() => {
      arrived();
      return { stalls: true };
    });
    const folder = project();
    const model = ['--model', `openai-compatible:${server.baseUrl}#test-model`];
    const argv = ['optimize', 'prompt.md', ...rows, ...model];
    await using owner = other([cli, ...argv], folder);
    await Promise.race([first, endOf(owner)]);
    const { code, errors } = await hone(folder, argv);
    expectOneMessage(
      errors,
      new RegExp(`HONE_RUN_LOCKED: Run opt-\\w+ is being worked on by process ${owner.pid} on `),
      /Wait for it to finish, or end process/,
    );
    expect(code).toBe(1);
    expect(owner.exitCode).toBe(null);
  });

  test('a lock that another program keeps is waited for, then reported', async () => {
    await using server = await openLoopbackServer(right);
    const folder = project();
    expect((await against(server, folder, { flags: ['--first', '4'] })).code).toBe(0);
    const holding = `
      import Database from ${JSON.stringify(import.meta.resolve('libsql'))};
      globalThis.kept = new Database('.hone/hone.db');
      kept.exec('begin immediate');
      console.log('locked');
      setInterval(() => kept, 1000);`;
    await using holder = other(['--input-type=module', '-e', holding], folder);
    if (holder.stdout !== null) await Promise.race([once(holder.stdout, 'data'), endOf(holder)]);
    const model = ['--model', `openai-compatible:${server.baseUrl}#test-model`];
    // In a process of its own, because waiting for the lock stops everything else in it.
    await using client = other([cli, 'eval', 'prompt.md', ...rows, ...model, '--first', '4'], folder);
    let errors = '';
    client.stderr?.setEncoding('utf8').on('data', (part: string) => {
      errors += part;
    });
    const [code] = await once(client, 'close');
    expectOneMessage(errors, /HONE_STORE_LOCKED: .*hone\.db is locked by another process/, /Wait for/);
    expect(code).toBe(1);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await storedAnswers(folder)).toBe(4);
  });

  test('pages that were overwritten are found, and the file is left as it is', async () => {
    await using server = await openLoopbackServer(right);
    const folder = project();
    expect((await against(server, folder)).code).toBe(0);
    const path = join(folder, '.hone', 'hone.db');
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4096, bytes.length);
    writeFileSync(path, bytes);
    const { code, errors } = await against(server, folder);
    expectOneMessage(errors, /HONE_STORE_CORRUPTED: .*hone\.db is damaged/, /mv "/);
    expect(code).toBe(1);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('a report that cannot be written does not cost the run: it is shown again', async () => {
    const folder = project();
    await using server = await openLoopbackServer((_, index) => {
      // Checked before the first call, so it has to get in the way later.
      if (index === 9) writeFileSync(join(folder, '.hone', 'reports'), 'a file in the way');
      return right();
    });
    const ran = await against(server, folder, { argv: ['optimize', 'prompt.md'] });
    expectOneMessage(ran.errors, /HONE_FOLDER_READ_ONLY: .*reports.* cannot be written/, /writable/);
    expect(ran.code).toBe(1);
    const asked = server.count;
    rmSync(join(folder, '.hone', 'reports'));
    const shown = await hone(folder, ['report']);
    expect(shown.code).toBe(0);
    expect(shown.output).toContain('sealed test');
    expect(server.count).toBe(asked);
  });
});

describe.concurrent('a server that does not play along', { timeout: 60_000 }, () => {
  test('is down', async () => {
    const server = await openLoopbackServer(right);
    await server.close();
    const folder = project();
    const { code, errors } = await against(server, folder, { flags: ['--first', '4'] });
    expectOneMessage(
      errors,
      /HONE_MODEL_UNREACHABLE: Cannot reach http:\/\/127.* for test-model: the connection was refused/,
      /Check that the server runs, and its base URL.*None of the first 4 rows was answered/,
    );
    expect(code).toBe(1);
    expect(await storedAnswers(folder)).toBe(0);
  });

  test.each<[string, LoopbackReply, number, RegExp, RegExp]>([
    [
      'answers with a page',
      { body: '<!doctype html><p>hello', headers: { 'content-type': 'text/html' } },
      1,
      /HONE_MODEL_BAD_REPLY: http:\/\/127.* answered an HTML page instead of JSON \(HTTP 200\)/,
      /Check the base URL: it usually ends in \/v1/,
    ],
    [
      'refuses the key',
      { status: 401, body: { error: { message: 'the key key-of-mine is not valid' } } },
      1,
      /HONE_MODEL_AUTHENTICATION: http:\/\/127.* refused the key: the key \[key\] is not valid \(HTTP 401\)/,
      /Set the key in HONE_API_KEY/,
    ],
    [
      'does not know the model',
      { status: 404, body: { error: { message: 'no such model', code: 'model_not_found' } } },
      2,
      /HONE_MODEL_UNKNOWN: http:\/\/127.* does not know the model "test-model"/,
      /Check the name of the model/,
    ],
    [
      'says "too many requests" for ever',
      { status: 429, body: { error: { message: 'slow down' } }, headers: { 'retry-after-ms': '1' } },
      1,
      /HONE_MODEL_RATE_LIMITED: Too many requests to test-model .*\(tried 11 times\)/,
      /Lower the concurrency/,
    ],
    [
      'cuts every answer off',
      { body: chatCompletion('fruit'), cutAfter: 60 },
      1,
      /HONE_MODEL_BAD_REPLY: .* the answer broke off .*\(tried 5 times\)/,
      /None of the first 4 rows was answered/,
    ],
  ])('%s', async (...[, reply, exitCode, message, fix]) => {
    await using server = await openLoopbackServer(() => reply);
    const folder = project();
    const variables = { HONE_API_KEY: 'key-of-mine' };
    const { code, errors } = await against(server, folder, { flags: ['--first', '4'], variables });
    expectOneMessage(errors, message, fix);
    expect(code).toBe(exitCode);
    expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer key-of-mine')).toBe(true);
    // Every row at most eleven times: the storm is bounded.
    expect(server.count).toBeLessThanOrEqual(44);
    expect(await storedAnswers(folder)).toBe(0);
  });

  test('rejects some rows for ever: these are lost, and the others are answered and kept', async () => {
    const isRejected = (body: unknown) => /q|z5/.test(JSON.stringify(body).slice(-60));
    await using server = await openLoopbackServer(({ body }) =>
      isRejected(body) ? { status: 429, body: '', headers: { 'retry-after-ms': '1' } } : right(),
    );
    const folder = project();
    const flags = ['--json', '--first', '12'];
    const { code, errors, output } = await against(server, folder, { flags });
    expect([code, errors.match(/error HONE_/)]).toEqual([1, null]);
    const [summary] = JSON.parse(output).summaries;
    expect(summary.infrastructureErrors).toBeGreaterThan(0);
    expect(summary.scored + summary.infrastructureErrors).toBe(12);
    expect(await storedAnswers(folder)).toBe(summary.scored);
    await against(server, folder, { flags });
    const answered = server.requests
      .filter(({ body }) => !isRejected(body))
      .map(({ body }) => JSON.stringify(body));
    // Where nothing else is left, one is asked again for each lost row, to tell it from a server that is gone.
    expect(answered.length - new Set(answered).size).toBeLessThanOrEqual(2 * summary.infrastructureErrors);
  });

  test('rejects everything for a while: the run waits and ends well', async () => {
    await using server = await openLoopbackServer((_, index) =>
      index >= 10 && index < 40 ? { status: 429, body: '', headers: { 'retry-after-ms': '5' } } : right(),
    );
    const { code, output } = await against(server, project(), { flags: ['--json'] });
    expect(code).toBe(0);
    expect(output).toContain('"infrastructureErrors":0');
  });

  test('stops at the limit of tokens: the rows are failures that say so', async () => {
    await using server = await openLoopbackServer(() => ({
      body: chatCompletion('I would say that it', { finish_reason: 'length' }),
    }));
    const { code, output } = await against(server, project(), { flags: ['--first', '6'] });
    expect(output).toMatch(/6 failed/);
    expect(output).toMatch(/cut off by the limit on output tokens/);
    expect(code).toBe(0);
  });

  test('takes the key away in the middle: what was answered is kept and not asked again', async () => {
    let isRefusing = false;
    const answered = new Map<string, number>();
    await using server = await openLoopbackServer(({ body }, index) => {
      isRefusing ||= index === 80;
      if (isRefusing) return { status: 401, body: { error: { message: 'expired' } } };
      const text = JSON.stringify(body);
      answered.set(text, (answered.get(text) ?? 0) + 1);
      return right();
    });
    const folder = project();
    const search = { argv: ['optimize', 'prompt.md'] };
    const refused = await against(server, folder, search);
    expectOneMessage(refused.errors, /HONE_MODEL_AUTHENTICATION: /, /HONE_API_KEY/);
    expect(refused.code).toBe(1);
    expect(await storedAnswers(folder)).toBe(80);
    isRefusing = false;
    const healed = await against(server, folder, search);
    expect(healed.code).toBe(0);
    expect(Math.max(...answered.values())).toBe(1);
  });
});
